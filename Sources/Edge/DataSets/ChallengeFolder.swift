/// A source folder of the PhysioNet/CinC Challenges 2020 and 2021: SNOMED CT codes in the comments of each header.
///
///     #Age: 74          # may stand off, age may be NaN
///     #Sex: Male
///     #Dx: 426783006,,164889003      an empty place counts for nothing
///
/// Reyna et al., Computing in Cardiology 48 (2021), doi:10.23919/CinC53138.2021.9662687. Codes without a row in the catalogue
/// are diseases, or too vague, and say nothing.
internal import Findings
private import FoundationEssentials

enum ChallengeFolder {
    /// What a header's comments say.
    struct Comments: Equatable {
        var codes: [String]?
        var age: Int?
        var sex: LabelledRecording.Sex?

        init(_ lines: [String]) {
            for line in lines {
                guard let colon = line.firstIndex(of: ":") else { continue }
                let value = line[line.index(after: colon)...].trimmed
                switch line[..<colon].trimmed.lowercased() {
                case "dx":
                    codes = value.split(separator: ",").map { String($0.trimmed) }.filter { !$0.isEmpty }
                case "age": age = Int(value)
                case "sex":
                    sex = ["male": .male, "m": .male, "female": .female, "f": .female][value.lowercased()]
                default: break
                }
            }
        }
    }

    /// Records of `ptb` that are of one person; the other sources do not say who is who.
    private static let personsOfPTB: [[String]] = [
        ["S0001", "S0002", "S0003"], ["S0006", "S0007"], ["S0008", "S0009", "S0010"],
    ]

    /// Whether a folder holds headers with a `Dx` line; its first header decides.
    static func isOne(_ folder: String) -> Bool {
        guard let first = headers(in: folder).first,
            let comments = try? comments(of: folder + "/" + first)
        else { return false }
        return comments.codes != nil
    }

    static func read(
        _ folder: String,
        catalogue: Catalogue
    ) -> (recordings: [LabelledRecording], unreadable: [UnreadableRecording]) {
        let source = String(folder.split(separator: "/").last ?? "challenge")
        var rows: [String: Int] = [:]
        for (row, statement) in catalogue.statements.enumerated() {
            for code in statement.snomedCodes { rows[code] = row }
        }
        var recordings: [LabelledRecording] = []
        var unreadable: [UnreadableRecording] = []
        for header in headers(in: folder) {
            let path = folder + "/" + header.dropLast(4)
            do throws(DataSetError) {
                let comments = try comments(of: folder + "/" + header)
                guard let codes = comments.codes else {
                    throw DataSetError(.labels, path + ".hea", "the header has no Dx line")
                }
                var truth = Truth(catalogue: catalogue)
                for code in codes { if let row = rows[code] { truth.add(row) } }
                truth.closeOverParents(catalogue)
                let name = String(header.dropLast(4))
                recordings.append(
                    LabelledRecording(
                        path: path,
                        source: source,
                        ecg: ecg(source, name),
                        patient: patient(source, name),
                        age: comments.age,
                        sex: comments.sex,
                        truth: truth
                    )
                )
            } catch { unreadable.append(UnreadableRecording(path: path, reason: error.description)) }
        }
        return (recordings, unreadable)
    }

    /// The Challenge's HR00001 to HR21837 are PTB-XL's records 1 to 21837.
    private static func ecg(_ source: String, _ name: String) -> String {
        ptbxlNumber(ofChallengeRecord: name).map { "\(PTBXLFolder.source)/\($0)" } ?? "\(source)/\(name)"
    }

    /// The PTB-XL number of a Challenge record's name; nil where it is no copy of PTB-XL.
    static func ptbxlNumber(ofChallengeRecord name: String) -> Int? {
        guard name.hasPrefix("HR"), name.count == 7 else { return nil }
        return Int(name.dropFirst(2))
    }

    private static func patient(_ source: String, _ name: String) -> String? {
        guard source == "ptb" else { return nil }
        let person = personsOfPTB.first { $0.contains(name) }?.first ?? name
        return "\(source)/\(person)"
    }

    private static func comments(of header: String) throws(DataSetError) -> Comments {
        Comments(try commentLines(of: header))
    }

    /// A header's comment lines without their `#`.
    static func commentLines(of header: String) throws(DataSetError) -> [String] {
        let bytes = try readFile(header, atMost: 262_144)
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        return lines.filter { $0.hasPrefix("#") }.map { String($0.dropFirst()) }
    }

    /// The names of a folder's header files, ascending.
    static func headers(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".hea") }
            .sorted()
    }
}
