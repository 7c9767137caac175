import DataSets
import ECGSignal
import Findings
import Foundation
import TestSupport
import Testing

@Suite struct LabelListTests {
    private let folder = TemporaryFolder()

    private func read(_ text: String) throws -> DataSet {
        try folder.write(text, to: "LIST.csv")
        return try DataSet.read([folder.path + "/LIST.csv"])
    }

    private func id(_ row: Int) -> String { Catalogue.shipped.statements[row].id }

    @Test func `a list names what is true and what is open, parents included`() throws {
        let set = try read(
            """
            record,label_ids,source,masked_ids,patient,fold,age,sex
            a/1,atrial_fibrillation;left_axis_deviation,ward,normal,p1,10,71,female
            a/2.hea,sinus_rhythm,,,,,,
            """
        )
        let first = try #require(set.recordings.first)
        #expect(first.path == folder.path + "/a/1")
        #expect(
            first.truth.positives.map(id) == [
                "atrial_fibrillation", "supraventricular_arrhythmia", "left_axis_deviation",
            ]
        )
        #expect(first.truth.masked.map(id) == ["normal"])
        #expect((first.source, first.patient, first.fold, first.age) == ("ward", "ward/p1", 10, 71))
        #expect(first.sex == .female)
        #expect(set.recordings[1].path == folder.path + "/a/2")
        #expect(set.recordings.map(\.ecg) == ["ward/a/1", "list/a/2"])
        #expect(set.recordings[1].source == "list")
    }

    @Test func `a source expresses what its recordings name, and no more`() throws {
        let set = try read("record,label_ids,source\n1,sinus_rhythm,a\n2,atrial_fibrillation,b\n")
        let judged = set.judged(set.recordings[0])
        #expect(judged.positives.map(id) == ["sinus_rhythm"])
        #expect(judged.masked.count == Catalogue.shipped.statements.count - 1)
        let kept = set.keeping { $0.source == "a" }
        #expect(kept.recordings.count == 1)
        #expect(kept.sources == set.sources)
    }

    @Test(arguments: [
        ("record,label_ids\n", DataSetError.Kind.empty, "no record"),
        ("record,labels\n1,normal\n", .malformed, "label_ids"),
        ("record,label_ids\n1,no_such_id\n", .labels, "no_such_id"),
        ("record,label_ids\n1,\n", .labels, "empty"),
        ("record,label_ids\n1,normal\n1,sinus_rhythm\n", .labels, "line 2"),
        ("record,label_ids\n1,normal\n./1,sinus_rhythm\n", .labels, "line 2"),
        ("record,label_ids\na/1,normal\nb/..//a/1.hea,sinus_rhythm\n", .labels, "line 2"),
        ("record,label_ids,masked_ids\n1,normal,normal\n", .labels, "masked"),
        (
            "record,label_ids,masked_ids\n1,atrial_fibrillation,supraventricular_arrhythmia\n", .labels,
            "supraventricular_arrhythmia"
        ),
        ("record,label_ids,fold\n1,normal,ten\n", .malformed, "fold"),
        ("record,label_ids,sex\n1,normal,m\n", .malformed, "sex"),
        ("record,label_ids\n,normal\n", .malformed, "name"),
    ])
    func `a bad list is refused with line and value`(text: String, kind: DataSetError.Kind, word: String) {
        #expect {
            try read(text)
        } throws: { error in
            (error as? DataSetError).map { $0.kind == kind && $0.description.contains(word) } ?? false
        }
    }

    @Test func `a list that reaches one record by a link names it twice`() throws {
        try folder.write("", to: "a/1.hea")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/b",
            withDestinationPath: folder.path + "/a"
        )
        #expect {
            try read("record,label_ids\na/1,normal\nb/1,sinus_rhythm\n")
        } throws: { ("\($0)").contains("stands on line 2 already") }
        // The same ECG in two lists is one, whichever way each spells it.
        try folder.write("record,label_ids\n.//a/./1.hea,normal\n", to: "OTHER.csv")
        let lists = [folder.path + "/OTHER.csv", folder.path + "/LIST.csv"]
        try folder.write("record,label_ids\na/1,normal\n", to: "LIST.csv")
        #expect(Set(try DataSet.read(lists).recordings.map(\.ecg)) == ["list/a/1"])
    }

    @Test func `a place without labelled recordings is refused`() throws {
        #expect {
            try DataSet.read([folder.path])
        } throws: { error in
            (error as? DataSetError)?.kind == .empty
        }
        #expect {
            try DataSet.read([folder.path + "/none"])
        } throws: { error in
            (error as? DataSetError)?.kind == .notFound
        }
    }
}
