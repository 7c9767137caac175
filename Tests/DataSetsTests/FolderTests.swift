import DataSets
import ECGSignal
import Findings
import TestSupport
import Testing

/// Folders as published, small: real headers, tables of a few rows.
@Suite struct FolderTests {
    private let folder = TemporaryFolder()

    private static let codes = """
        ,description,diagnostic,form,rhythm,diagnostic_class
        NORM,normal ECG,1.0,,,NORM
        IMI,inferior myocardial infarction,1.0,,,MI
        NDT,non-diagnostic T abnormalities,1.0,1.0,,STTC
        SR,sinus rhythm,,,1.0,
        """

    private func writePTBXL(_ rows: String) throws {
        try folder.write(Self.codes, to: "ptbxl/scp_statements.csv")
        try folder.write(
            "ecg_id,patient_id,age,sex,scp_codes,heart_axis,infarction_stadium1,extra_beats,strat_fold,filename_lr\n"
                + rows,
            to: "ptbxl/ptbxl_database.csv"
        )
    }

    private func id(_ row: Int) -> String { Catalogue.shipped.statements[row].id }

    @Test func `PTB-XL's table gives records with patient, fold, age, sex and codes`() throws {
        try writePTBXL(
            "17,15709.0,300.0,1,\"{'NORM': 100.0, 'SR': 0.0}\",ALAD,,,10,records100/00000/00017_lr\n"
        )
        let set = try DataSet.read([folder.path])
        let record = try #require(set.recordings.first)
        #expect(record.path == folder.path + "/ptbxl/records100/00000/00017_lr")
        #expect((record.ecg, record.patient, record.fold) == ("ptbxl/17", "ptbxl/15709", 10))
        #expect((record.age, record.sex) == (90, .female))
        #expect(record.scpCodes == ["NORM", "SR"])
        #expect(record.truth.positives.map(id) == ["sinus_rhythm", "left_axis_deviation", "normal"])
        #expect(set.scpStatements.map(\.code) == ["NORM", "IMI", "NDT", "SR"])
        #expect(set.scpStatements[2].isForm && set.scpStatements[2].isDiagnostic)
        #expect(set.scpStatements[1].superclass == "MI")
    }

    @Test(arguments: [
        ("1,2,3,0,\"{'XYZ': 100.0}\",,,,1,r\n", DataSetError.Kind.labels, "XYZ"),
        ("1,2,3,0,NORM,,,,1,r\n", .malformed, "scp_codes"),
        ("1,2,3,0,\"{'NORM': 100.0}\",,,,x,r\n", .malformed, "strat_fold"),
    ])
    func `a row of PTB-XL that breaks the rules is refused`(
        row: String,
        kind: DataSetError.Kind,
        word: String
    ) throws {
        try writePTBXL(row)
        #expect {
            try DataSet.read([folder.path])
        } throws: { error in
            (error as? DataSetError).map { $0.kind == kind && $0.description.contains(word) } ?? false
        }
    }

    @Test func `a Challenge folder speaks SNOMED in its headers and is a source of its own`() throws {
        for name in ["A0002", "A1389"] {
            for type in ["hea", "dat"] {
                try folder.copy(
                    Repository.fixtures + "/cpsc_2018/\(name).\(type)",
                    to: "cpsc_2018/\(name).\(type)"
                )
            }
        }
        try folder.write("B1 1 500 10\n# Age: NaN\n# Sex: M\n# Dx: 164889003,,426783006\n", to: "own/B1.hea")
        try folder.write("no comments\n", to: "own/B2.hea")
        let set = try DataSet.read([folder.path])
        #expect(set.sources.map(\.name) == ["cpsc_2018", "own"])
        let own = try #require(set.recordings.last)
        #expect(
            own.truth.positives.map(id) == [
                "sinus_rhythm", "atrial_fibrillation", "supraventricular_arrhythmia",
            ]
        )
        #expect((own.age, own.sex) == (nil, .male))
        #expect(set.unreadable.map(\.path) == [folder.path + "/own/B2"])
        #expect(set.recordings.count == 3)
    }

    @Test func `the labels of 2017 say sinus rhythm, fibrillation, not fibrillation, or nothing`() throws {
        try folder.write("record,label\nA1,N\nA2,A\nA3,O\nA4,~\n", to: "cinc/REFERENCE.csv")
        let set = try DataSet.read([folder.path + "/cinc"])
        let row = try #require(Catalogue.shipped.index(of: "atrial_fibrillation"))
        let verdicts = set.recordings.map { set.judged($0).verdicts[row] }
        #expect(verdicts == [.absent, .positive(weight: 1), .absent, .masked])
        let sinus = try #require(Catalogue.shipped.index(of: "sinus_rhythm"))
        #expect(
            set.recordings.map { set.judged($0).verdicts[sinus] } == [
                .positive(weight: 1), .absent, .masked, .masked,
            ]
        )
        try folder.write("record,label\nA1,X\n", to: "cinc/REFERENCE.csv")
        #expect(throws: DataSetError.self) { try DataSet.read([folder.path + "/cinc"]) }
    }

    @Test func `LUDB's words become statements, and an unknown word leaves its record out`() throws {
        for type in ["hea", "dat"] {
            try folder.copy(Repository.fixtures + "/ludb/8.\(type)", to: "ludb/8.\(type)")
        }
        try folder.write("ID\n", to: "ludb/ludb.csv")
        try folder.write(
            "9 1 500 10\n#<age>: 51\n#<sex>: F\n#<diagnoses>:\n#A new finding.\n",
            to: "ludb/9.hea"
        )
        try folder.write(
            "10 1 500 10\n#<age>: 51\n#<sex>: F\n#<diagnoses>:\n#Rhythm: Sinus bradycardia.\n"
                + "#Undefined ischemia/scar/supp.NSTEMI: posterior wall. \n",
            to: "ludb/10.hea"
        )
        let set = try DataSet.read([folder.path])
        #expect(set.unreadable.map(\.path) == [folder.path + "/ludb/9"])
        let ten = try #require(set.recordings.first { $0.name == "10" })
        #expect(ten.truth.positives.map(id) == ["sinus_rhythm", "sinus_bradycardia"])
        #expect(ten.truth.masked.map(id).contains("suspected_high_posterior_infarction"))
        #expect((ten.age, ten.sex) == (51, .female))
        let eight = try #require(set.recordings.first { $0.name == "8" })
        #expect(eight.truth.positives.map(id).contains("atrial_fibrillation"))
        #expect(eight.truth.positives.map(id).contains("ventricular_paced_rhythm"))
    }

    @Test func `positives and masked are counted by statement and fold`() throws {
        try writePTBXL(
            """
            1,1,3,0,"{'IMI': 15.0, 'SR': 0.0}",,,,1,r1
            2,2,3,0,"{'IMI': 100.0, 'SR': 0.0}",,,,2,r2
            3,3,3,0,"{'NORM': 100.0}",,,,2,r3

            """
        )
        let counts = LabelCounts(try DataSet.read([folder.path]))
        #expect(counts.folds == [1, 2])
        #expect(counts.recordings == [1, 2])
        let table = counts.table(.shipped)
        #expect(table.contains("statement\tfold 1\tfold 2"))
        #expect(table.contains("suspected_inferior_infarction\t0/1\t1/0"))
        #expect(table.contains("sinus_rhythm\t1/0\t1/0"))
        #expect(!table.contains("asystole"))
    }
}
