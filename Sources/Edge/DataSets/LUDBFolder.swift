/// LUDB, the Lobachevsky University database: findings as words in the comments of each header.
///
///     #<age>: 51
///     #<sex>: F
///     #<diagnoses>:
///     #Rhythm: Sinus bradycardia.
///
/// Kalyakulina et al., IEEE Access 8:186181-186190 (2020), doi:10.1109/ACCESS.2020.3029211. `ludb.tsv` beside this file says what
/// each wording makes true and what it leaves open; one that says nothing of the catalogue has both columns empty.
internal import Findings

enum LUDBFolder {
    static let source = "ludb"

    /// What a wording says.
    struct Wording {
        let positives: [Int]
        let masked: [Int]
    }

    static func isOne(_ folder: String) -> Bool { fileExists(folder + "/ludb.csv") }

    static func read(
        _ folder: String,
        catalogue: Catalogue
    ) throws(DataSetError) -> (recordings: [LabelledRecording], unreadable: [UnreadableRecording]) {
        let wordings = try table(catalogue)
        var recordings: [LabelledRecording] = []
        var unreadable: [UnreadableRecording] = []
        for header in ChallengeFolder.headers(in: folder) {
            let name = String(header.dropLast(4))
            do throws(DataSetError) {
                recordings.append(try recording(name, in: folder, wordings, catalogue))
            } catch {
                unreadable.append(UnreadableRecording(path: folder + "/" + name, reason: error.description))
            }
        }
        return (recordings, unreadable)
    }

    private static func recording(
        _ name: String,
        in folder: String,
        _ wordings: [String: Wording],
        _ catalogue: Catalogue
    ) throws(DataSetError) -> LabelledRecording {
        let path = folder + "/" + name
        var truth = Truth(catalogue: catalogue)
        var open: [Int] = []
        var age: Int?
        var sex: LabelledRecording.Sex?
        for line in try ChallengeFolder.commentLines(of: path + ".hea") {
            if line.hasPrefix("<") {
                let value = line.drop { $0 != ":" }.dropFirst().trimmed
                if line.hasPrefix("<age>") { age = Int(value) }
                if line.hasPrefix("<sex>") { sex = ["M": .male, "F": .female][value] }
                continue
            }
            let words = wording(line)
            guard !words.isEmpty else { continue }
            guard let found = wordings[words] else {
                throw DataSetError(.labels, path + ".hea", "\"\(words)\" is not in the table of wordings")
            }
            for row in found.positives { truth.add(row) }
            open += found.masked
        }
        truth.closeOverParents(catalogue)
        for row in open { truth.mask(row) }
        return LabelledRecording(
            path: path,
            source: source,
            ecg: "\(source)/\(name)",
            patient: "\(source)/\(name)",
            age: age,
            sex: sex,
            truth: truth
        )
    }

    /// A comment without blanks and the full stop that some end with.
    private static func wording(_ line: String) -> String {
        let text = line[...].trimmed
        return String(text.hasSuffix(".") ? text.dropLast().trimmed : text)
    }

    /// The committed table by wording.
    static func table(_ catalogue: Catalogue) throws(DataSetError) -> [String: Wording] {
        var wordings: [String: Wording] = [:]
        let lines = String(decoding: PackageResources.ludb_tsv, as: UTF8.self).split(separator: "\n")
        for (number, line) in lines.enumerated().dropFirst() {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 3 else {
                throw DataSetError(.malformed, "ludb.tsv", line: number + 1, "three columns are needed")
            }
            func rows(_ field: Substring) throws(DataSetError) -> [Int] {
                var rows: [Int] = []
                for id in field.split(separator: ";") {
                    guard let row = catalogue.index(of: String(id)) else {
                        throw DataSetError(
                            .labels,
                            "ludb.tsv",
                            line: number + 1,
                            "\"\(id)\" is no id of the catalogue"
                        )
                    }
                    rows.append(row)
                }
                return rows
            }
            wordings[String(fields[0])] = Wording(positives: try rows(fields[1]), masked: try rows(fields[2]))
        }
        return wordings
    }
}
