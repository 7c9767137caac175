import DataSets
import ECGSignal
import Findings
import Testing

/// The rules from PTB-XL's columns to statements, each by a row that shows it.
@Suite struct PTBXLStatementsTests {
    private let catalogue = Catalogue.shipped
    private let rules = PTBXLStatements(
        catalogue: .shipped,
        diagnosticCodes: ["NORM", "IMI", "ASMI", "ILMI", "AMI", "LVH", "IRBBB", "ISC_"]
    )

    private func truth(
        _ codes: [(String, Double)],
        axis: String? = "",
        stadium: String? = "",
        beats: String? = ""
    ) -> Truth {
        rules.truth(
            of: .init(
                codes: codes.map { (code: $0.0, likelihood: $0.1) },
                heartAxis: axis,
                infarctionStadium: stadium,
                extraBeats: beats
            )
        )
    }

    private func positives(_ truth: Truth) -> [String] { truth.positives.map { catalogue.statements[$0].id } }

    private func masked(_ truth: Truth) -> [String] { truth.masked.map { catalogue.statements[$0].id } }

    @Test func `every one of the catalogue's SCP codes reaches its rows`() {
        let codes = Set(catalogue.statements.flatMap(\.scpCodes))
        #expect(codes.count == 71)
        #expect(
            rules.rows(of: "ILMI").map { catalogue.statements[$0].id } == [
                "suspected_inferior_infarction", "suspected_lateral_infarction",
            ]
        )
        #expect(rules.rows(of: "XYZ") == [])
    }

    @Test func `a code makes its row and all parents positive`() {
        #expect(positives(truth([("AFIB", 0)])) == ["atrial_fibrillation", "supraventricular_arrhythmia"])
    }

    @Test func `a diagnostic code below 50 per cent masks, at 50 it weighs less, 0 means present`() throws {
        let row = try #require(catalogue.index(of: "left_ventricular_hypertrophy"))
        #expect(truth([("LVH", 15)]).verdicts[row] == .masked)
        #expect(truth([("LVH", 50)]).verdicts[row] == .positive(weight: 0.7))
        #expect(truth([("LVH", 80)]).verdicts[row] == .positive(weight: 1))
        #expect(truth([("LVH", 0)]).verdicts[row] == .positive(weight: 1))
        let form = try #require(catalogue.index(of: "abnormal_q_wave"))
        #expect(truth([("QWAVE", 15)]).verdicts[form] == .positive(weight: 1))
    }

    @Test func `a stadium refines the code's own wall only`() {
        #expect(
            positives(truth([("ASMI", 100)], stadium: "Stadium III")) == [
                "suspected_myocardial_infarction", "suspected_anterior_infarction",
                "suspected_anteroseptal_infarction", "old_anteroseptal_infarction",
            ]
        )
        #expect(
            positives(truth([("ILMI", 100)], stadium: "Stadium I-II")) == [
                "suspected_myocardial_infarction", "suspected_inferior_infarction",
                "suspected_acute_inferior_infarction", "suspected_lateral_infarction",
                "suspected_acute_lateral_infarction",
            ]
        )
    }

    @Test(arguments: ["Stadium II", "unknown", ""])
    func `other stadiums refine nothing`(stadium: String) {
        #expect(
            positives(truth([("IMI", 100)], stadium: stadium)) == [
                "suspected_myocardial_infarction", "suspected_inferior_infarction",
            ]
        )
    }

    @Test func `a stadium refines no code that is only not excluded`() {
        #expect(positives(truth([("IMI", 15)], axis: "MID", stadium: "Stadium III")) == [])
    }

    @Test(arguments: [15.0, 100.0])
    func `beside an infarction code the other walls and ages are left open`(likelihood: Double) {
        let truth = truth([("IMI", likelihood)], axis: "MID")
        let walls = catalogue.statements.filter { $0.family == "infarction" }.map(\.id)
        let named = positives(truth)
        #expect(Set(masked(truth)) == Set(walls).subtracting(named + ["suspected_ventricular_aneurysm"]))
        #expect(named.isEmpty == (likelihood < 50))
    }

    @Test func `ALAD is left, RAD and ARAD are right, MID neither`() {
        #expect(positives(truth([], axis: "ALAD")) == ["left_axis_deviation"])
        #expect(positives(truth([], axis: "RAD")) == ["right_axis_deviation"])
        #expect(positives(truth([], axis: "ARAD")) == ["right_axis_deviation"])
        for axis in ["ALAD", "RAD", "ARAD", "MID"] { #expect(masked(truth([], axis: axis)) == []) }
    }

    @Test(arguments: ["LAD", "", "AXL", "AXR", "SAG"])
    func `an axis that gives no safe angle leaves both deviations open`(axis: String) {
        #expect(masked(truth([], axis: axis)) == ["left_axis_deviation", "right_axis_deviation"])
    }

    @Test func `a column that the table lacks leaves its statements open`() {
        let open = masked(truth([], axis: nil, stadium: nil))
        #expect(open.contains("left_axis_deviation") && open.contains("right_axis_deviation"))
        #expect(open.contains("old_inferior_infarction"))
    }

    @Test func `normal counts only beside statements of severity 0`() {
        #expect(positives(truth([("NORM", 100), ("SR", 0)])) == ["sinus_rhythm", "normal"])
        // Atrial premature beats are of severity 0; that their parent is of 1 does not matter.
        #expect(positives(truth([("NORM", 100), ("PAC", 0)])).contains("normal"))
        let beside = truth([("NORM", 100), ("PVC", 0)], axis: "MID")
        #expect(!positives(beside).contains("normal") && masked(beside) == ["normal"])
    }

    @Test func `bigeminy is ventricular beside PVC alone and supraventricular beside PAC alone`() {
        #expect(positives(truth([("BIGU", 0), ("PVC", 0)])).contains("ventricular_bigeminy"))
        #expect(positives(truth([("TRIGU", 0), ("PAC", 0)])).contains("supraventricular_trigeminy"))
        for codes in [["BIGU"], ["BIGU", "PVC", "PAC"]] {
            let names = positives(truth(codes.map { ($0, 0) }))
            #expect(names.contains("bigeminy") && !names.contains { $0.hasSuffix("ventricular_bigeminy") })
        }
    }

    @Test(arguments: ["VES1,alles", "2SVES", "1ES", "1,V3"])
    func `the extra beats column leaves open what the codes do not name`(beats: String) {
        #expect(
            masked(truth([], axis: "MID", beats: beats)) == [
                "premature_contractions", "supraventricular_premature_contractions",
                "ventricular_premature_contractions",
            ]
        )
        let named = truth([("PVC", 0)], axis: "MID", beats: beats)
        #expect(masked(named) == ["supraventricular_premature_contractions"])
        #expect(positives(named).contains("ventricular_premature_contractions"))
    }
}
