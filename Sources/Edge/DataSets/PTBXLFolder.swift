/// PTB-XL as published: `ptbxl_database.csv` names the records, `scp_statements.csv` the 71 codes.
///
/// Both forms are read, at 500 Hz (`filename_hr`) and at 100 Hz (`filename_lr`); where a table has both columns, the 100 Hz
/// one is used if its first record is there.
internal import Findings
private import FoundationEssentials

/// What scp_statements.csv says of one code.
public struct SCPStatement: Sendable, Equatable {
    /// As `NORM` or `LAO/LAE`.
    public let code: String
    /// What the statement means, in English.
    public let description: String
    /// Whether it is a diagnosis, in the benchmark's grouping.
    public let isDiagnostic: Bool
    /// Whether it describes the curve's form.
    public let isForm: Bool
    /// Whether it is a rhythm.
    public let isRhythm: Bool
    /// NORM, MI, STTC, CD or HYP; nil for codes that are not diagnostic.
    public let superclass: String?

    /// Reads the rows of scp_statements.csv, in file order; the column of the codes has no name.
    public static func read(_ table: CommaSeparatedTable) throws(DataSetError) -> [SCPStatement] {
        let code = try table.column("")
        let description = try table.column("description")
        let diagnostic = try table.column("diagnostic")
        let form = try table.column("form")
        let rhythm = try table.column("rhythm")
        let superclass = try table.column("diagnostic_class")
        return table.rows.map { row in
            SCPStatement(
                code: row.fields[code],
                description: row.fields[description],
                isDiagnostic: !row.fields[diagnostic].isEmpty,
                isForm: !row.fields[form].isEmpty,
                isRhythm: !row.fields[rhythm].isEmpty,
                superclass: row.fields[superclass].isEmpty ? nil : row.fields[superclass]
            )
        }
    }
}

/// A folder of PTB-XL.
enum PTBXLFolder {
    /// The vocabulary of both forms.
    static let source = "ptbxl"
    private static let database = "ptbxl_database.csv"
    private static let statements = "scp_statements.csv"

    static func isOne(_ folder: String) -> Bool { fileExists(folder + "/" + database) }

    static func read(
        _ folder: String,
        catalogue: Catalogue
    ) throws(DataSetError) -> (recordings: [LabelledRecording], codes: [SCPStatement]) {
        let codes = try SCPStatement.read(CommaSeparatedTable(path: folder + "/" + statements))
        let table = try CommaSeparatedTable(path: folder + "/" + database)
        let rules = PTBXLStatements(
            catalogue: catalogue,
            diagnosticCodes: Set(codes.filter(\.isDiagnostic).map(\.code))
        )
        let columns = try Columns(table, folder: folder)
        var recordings: [LabelledRecording] = []
        for row in table.rows {
            recordings.append(try columns.recording(row, of: table.path, in: folder, rules, codes))
        }
        return (recordings, codes)
    }

    /// Where the table keeps what.
    private struct Columns {
        let ecg: Int
        let patient: Int
        let age: Int
        let sex: Int
        let codes: Int
        let fold: Int
        let file: Int
        let axis: Int?
        let stadium: Int?
        let beats: Int?

        init(_ table: CommaSeparatedTable, folder: String) throws(DataSetError) {
            ecg = try table.column("ecg_id")
            patient = try table.column("patient_id")
            age = try table.column("age")
            sex = try table.column("sex")
            codes = try table.column("scp_codes")
            fold = try table.column("strat_fold")
            axis = table.optionalColumn("heart_axis")
            stadium = table.optionalColumn("infarction_stadium1")
            beats = table.optionalColumn("extra_beats")
            let low = table.optionalColumn("filename_lr")
            let high = table.optionalColumn("filename_hr")
            if let low, high == nil || Columns.isThere(table.rows.first?.fields[low], in: folder) {
                file = low
            } else {
                file = try table.column("filename_hr")
            }
        }

        private static func isThere(_ file: String?, in folder: String) -> Bool {
            file.map { fileExists("\(folder)/\($0).hea") } ?? false
        }

        func recording(
            _ row: CommaSeparatedTable.Row,
            of path: String,
            in folder: String,
            _ rules: PTBXLStatements,
            _ known: [SCPStatement]
        ) throws(DataSetError) -> LabelledRecording {
            let fields = row.fields
            guard let fold = Int(fields[fold]) else {
                throw DataSetError(
                    .malformed,
                    path,
                    line: row.line,
                    "strat_fold \"\(fields[fold])\" is no number"
                )
            }
            guard let codes = parseCodes(fields[codes]) else {
                throw DataSetError(
                    .malformed,
                    path,
                    line: row.line,
                    "scp_codes \"\(fields[codes].prefix(80))\" is not {'CODE': likelihood, ...}"
                )
            }
            if let code = codes.first(where: { given in !known.contains { $0.code == given.code } })?.code {
                throw DataSetError(
                    .labels,
                    path,
                    line: row.line,
                    "code \"\(code)\" is not in scp_statements.csv; take both tables from one release"
                )
            }
            let columns = PTBXLStatements.Row(
                codes: codes,
                heartAxis: axis.map { fields[$0] },
                infarctionStadium: stadium.map { fields[$0] },
                extraBeats: beats.map { fields[$0] }
            )
            return LabelledRecording(
                path: folder + "/" + fields[file],
                source: source,
                ecg: "\(source)/\(fields[ecg])",
                patient: "\(source)/\(withoutFraction(fields[patient]))",
                fold: fold,
                // Ages above 89 are written as 300.
                age: Int(withoutFraction(fields[age])).map { min($0, 90) },
                sex: ["0": .male, "1": .female][withoutFraction(fields[sex])],
                truth: rules.truth(of: columns),
                scpCodes: codes.map(\.code).sorted()
            )
        }

        /// `15709.0` as `15709`: the published table writes some whole numbers so.
        private func withoutFraction(_ text: String) -> String {
            text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        }
    }

    /// `{'NORM': 100.0, 'SR': 0.0}` as pairs in the order of the text; nil where it is not of that form.
    static func parseCodes(_ text: String) -> [(code: String, likelihood: Double)]? {
        guard text.hasPrefix("{"), text.hasSuffix("}") else { return nil }
        let inside = text.dropFirst().dropLast()
        var codes: [(code: String, likelihood: Double)] = []
        for pair in inside.split(separator: ",") {
            let parts = pair.split(separator: ":")
            guard parts.count == 2 else { return nil }
            let name = parts[0].trimmed
            guard name.count > 2, name.hasPrefix("'"), name.hasSuffix("'"),
                let likelihood = Double(parts[1].trimmed), (0...100).contains(likelihood)
            else { return nil }
            codes.append((String(name.dropFirst().dropLast()), likelihood))
        }
        return codes
    }
}

extension Substring {
    /// The text without blanks at its ends.
    var trimmed: Substring {
        let head = drop { $0.isWhitespace }
        guard let last = head.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return head[...last]
    }
}

/// Whether a regular file or a folder stands at that path.
func fileExists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
