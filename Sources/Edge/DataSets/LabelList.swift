/// LIST.csv: a hospital's own records with the statements that are true of them.
///
///     record,label_ids[,source][,masked_ids][,patient][,fold][,age][,sex]
///     ecg/0001,sinus_rhythm;left_axis_deviation,ward_3,normal
///
/// Ids are the catalogue's, `;` between them; record paths are relative to the list. A row is valid when its record is named
/// once, however its path is spelled, it has a label, every id is known, and no id is both true and masked, itself or through its parents.
internal import Findings
private import FoundationEssentials

enum LabelList {
    static func read(_ path: String, catalogue: Catalogue) throws(DataSetError) -> [LabelledRecording] {
        let table = try CommaSeparatedTable(path: path)
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        return try recordings(of: table, folder: folder, catalogue: catalogue)
    }

    static func recordings(
        of table: CommaSeparatedTable,
        folder: String,
        catalogue: Catalogue
    ) throws(DataSetError) -> [LabelledRecording] {
        let columns = try Columns(table)
        guard !table.rows.isEmpty else {
            throw DataSetError(
                .empty,
                table.path,
                "the list names no record; write one a line below the header"
            )
        }
        var lines: [String: Int] = [:]
        var recordings: [LabelledRecording] = []
        for row in table.rows {
            let recording = try columns.recording(row, of: table.path, in: folder, catalogue)
            if let earlier = lines.updateValue(row.line, forKey: place(of: recording.path)) {
                throw DataSetError(
                    .labels,
                    table.path,
                    line: row.line,
                    "record \"\(row.fields[columns.record])\" stands on line \(earlier) already; name it once with all "
                        + "its labels"
                )
            }
            recordings.append(recording)
        }
        return recordings
    }

    /// The file of a record, whatever its path is spelled like and whatever links lead there.
    private static func place(of record: String) -> String {
        URL(fileURLWithPath: record + ".hea").resolvingSymlinksInPath().path
    }

    /// A record's name without what changes nothing: `./`, a second `/`, the header's ending.
    private static func plain(_ name: String) -> String {
        let parts = name.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        let whole = (name.hasPrefix("/") ? "/" : "") + parts
        return whole.hasSuffix(".hea") ? String(whole.dropLast(4)) : whole
    }

    /// Where the list keeps what.
    private struct Columns {
        let record: Int
        let labels: Int
        let source: Int?
        let masked: Int?
        let patient: Int?
        let fold: Int?
        let age: Int?
        let sex: Int?

        init(_ table: CommaSeparatedTable) throws(DataSetError) {
            record = try table.column("record")
            labels = try table.column("label_ids")
            source = table.optionalColumn("source")
            masked = table.optionalColumn("masked_ids")
            patient = table.optionalColumn("patient")
            fold = table.optionalColumn("fold")
            age = table.optionalColumn("age")
            sex = table.optionalColumn("sex")
        }

        func recording(
            _ row: CommaSeparatedTable.Row,
            of path: String,
            in folder: String,
            _ catalogue: Catalogue
        ) throws(DataSetError) -> LabelledRecording {
            let name = row.fields[record]
            guard !name.isEmpty else {
                throw DataSetError(.malformed, path, line: row.line, "the record's name is empty")
            }
            let place = name.hasPrefix("/") ? name : folder + "/" + name
            let givenSource = source.map { row.fields[$0] } ?? ""
            let source = givenSource.isEmpty ? "list" : givenSource
            return LabelledRecording(
                path: place.hasSuffix(".hea") ? String(place.dropLast(4)) : place,
                source: source,
                ecg: "\(source)/\(LabelList.plain(name))",
                patient: text(patient, row).map { "\(source)/\($0)" },
                fold: try number(fold, row, "fold", path),
                age: try number(age, row, "age", path),
                sex: try sex(row, path),
                truth: try truth(row, path, catalogue),
                origin: "\(path), line \(row.line)"
            )
        }

        private func text(_ column: Int?, _ row: CommaSeparatedTable.Row) -> String? {
            column.map { row.fields[$0] }.flatMap { $0.isEmpty ? nil : $0 }
        }

        private func number(
            _ column: Int?,
            _ row: CommaSeparatedTable.Row,
            _ name: String,
            _ path: String
        ) throws(DataSetError) -> Int? {
            guard let text = text(column, row) else { return nil }
            guard let number = Int(text) else {
                throw DataSetError(.malformed, path, line: row.line, "\(name) \"\(text)\" is no whole number")
            }
            return number
        }

        private func sex(
            _ row: CommaSeparatedTable.Row,
            _ path: String
        ) throws(DataSetError) -> LabelledRecording.Sex? {
            guard let text = text(sex, row) else { return nil }
            guard let sex = LabelledRecording.Sex(rawValue: text) else {
                throw DataSetError(
                    .malformed,
                    path,
                    line: row.line,
                    "sex \"\(text)\" is neither male nor female"
                )
            }
            return sex
        }

        private func truth(
            _ row: CommaSeparatedTable.Row,
            _ path: String,
            _ catalogue: Catalogue
        ) throws(DataSetError) -> Truth {
            var truth = Truth(catalogue: catalogue)
            let named = try rows(row.fields[labels], row, path, catalogue)
            let open = try rows(masked.map { row.fields[$0] } ?? "", row, path, catalogue)
            guard !named.isEmpty || !open.isEmpty else {
                throw DataSetError(
                    .labels,
                    path,
                    line: row.line,
                    "label_ids is empty; name what is true of the record, or leave the line out"
                )
            }
            for index in named { truth.add(index) }
            truth.closeOverParents(catalogue)
            for index in open {
                guard !truth.isPositive(index) else {
                    throw DataSetError(
                        .labels,
                        path,
                        line: row.line,
                        "\"\(catalogue.statements[index].id)\" is masked, but label_ids makes it true; take one out"
                    )
                }
                truth.mask(index)
            }
            return truth
        }

        private func rows(
            _ text: String,
            _ row: CommaSeparatedTable.Row,
            _ path: String,
            _ catalogue: Catalogue
        ) throws(DataSetError) -> [Int] {
            var found: [Int] = []
            for part in text.split(separator: ";") {
                let id = String(part.trimmed)
                guard let index = catalogue.index(of: id) else {
                    throw DataSetError(
                        .labels,
                        path,
                        line: row.line,
                        "\"\(id)\" is no id of the catalogue, labels.tsv"
                    )
                }
                found.append(index)
            }
            return found
        }
    }
}
