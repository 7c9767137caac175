/// Folders with a labelling of their own: the hand-held recordings of the Challenge of 2017, and LUDB.
internal import Findings
private import FoundationEssentials

/// PhysioNet/CinC Challenge 2017: `REFERENCE.csv` says N, A, O or ~ of each hand-held single-lead recording.
///
/// N is sinus rhythm, A atrial fibrillation. O is another rhythm: not atrial fibrillation, all else open. ~ is too noisy to say
/// anything. Clifford et al., Computing in Cardiology 44 (2017), doi:10.22489/CinC.2017.065-469.
enum HandHeldFolder {
    private static let reference = "REFERENCE.csv"
    static let source = "cinc2017"

    static func isOne(_ folder: String) -> Bool { fileExists(folder + "/" + reference) }

    static func read(_ folder: String, catalogue: Catalogue) throws(DataSetError) -> [LabelledRecording] {
        let table = try CommaSeparatedTable(path: folder + "/" + reference)
        let record = try table.column("record")
        let label = try table.column("label")
        let sinus = catalogue.index(of: "sinus_rhythm")
        let fibrillation = catalogue.index(of: "atrial_fibrillation")
        var recordings: [LabelledRecording] = []
        for row in table.rows {
            var truth = Truth(catalogue: catalogue)
            switch row.fields[label] {
            case "N": if let sinus { truth.add(sinus) }
            case "A": if let fibrillation { truth.add(fibrillation) }
            case "O":
                for index in catalogue.statements.indices where index != fibrillation { truth.mask(index) }
            case "~": for index in catalogue.statements.indices { truth.mask(index) }
            case let other:
                throw DataSetError(
                    .labels,
                    table.path,
                    line: row.line,
                    "label \"\(other)\" is none of N, A, O, ~"
                )
            }
            truth.closeOverParents(catalogue)
            recordings.append(
                LabelledRecording(
                    path: folder + "/" + row.fields[record],
                    source: source,
                    ecg: "\(source)/\(row.fields[record])",
                    nameLeads: "I",
                    truth: truth
                )
            )
        }
        return recordings
    }
}
