/// From PTB-XL's columns to statements of the catalogue: codes with likelihood, heart axis, stadium, extra beats.
///
/// PTB-XL: Wagner et al., Scientific Data 7:154 (2020), doi:10.1038/s41597-020-0495-6. The rules and their reasons:
/// docs/EVALUATION.md.
public import Findings

/// The rules that turn a row of PTB-XL's table into verdicts; pure.
public struct PTBXLStatements: Sendable {
    /// What a row of the table says of one ECG; a nil column is one that the table does not have.
    public struct Row: Sendable {
        /// Code and likelihood in per cent; 0 means present, likelihood not stated.
        public var codes: [(code: String, likelihood: Double)]
        /// One of LAD, ALAD, RAD, ARAD, MID, AXL, AXR and SAG, or empty.
        public var heartAxis: String?
        /// The first of the table's two stadium columns, from `Stadium I` to `Stadium III`, or `unknown`, or empty.
        public var infarctionStadium: String?
        /// VES, SVES or ES with counts and leads, or empty.
        public var extraBeats: String?

        /// The columns of one row.
        public init(
            codes: [(code: String, likelihood: Double)],
            heartAxis: String? = "",
            infarctionStadium: String? = "",
            extraBeats: String? = ""
        ) {
            self.codes = codes
            self.heartAxis = heartAxis
            self.infarctionStadium = infarctionStadium
            self.extraBeats = extraBeats
        }
    }

    /// The wall or walls that an infarction code itself names; a stadium refines these rows and no parent of them.
    static let wallsOfCode: [String: [String]] = [
        "IMI": ["inferior"], "ILMI": ["inferior", "lateral"], "IPMI": ["inferior", "high_posterior"],
        "IPLMI": ["inferior", "lateral", "high_posterior"], "AMI": ["anterior"],
        "ALMI": ["anterior", "lateral"],
        "ASMI": ["anteroseptal"], "LMI": ["lateral"], "PMI": ["high_posterior"],
    ]

    private let catalogue: Catalogue
    /// The codes whose likelihood means something; that of form and rhythm codes does not.
    private let diagnosticCodes: Set<String>
    private let rowsOfCode: [String: [Int]]

    /// The rules for that catalogue; `diagnosticCodes` are those that scp_statements.csv calls diagnostic.
    public init(catalogue: Catalogue, diagnosticCodes: Set<String>) {
        self.catalogue = catalogue
        self.diagnosticCodes = diagnosticCodes
        var rows: [String: [Int]] = [:]
        for (row, statement) in catalogue.statements.enumerated() {
            for code in statement.scpCodes { rows[code, default: []].append(row) }
        }
        rowsOfCode = rows
    }

    /// The catalogue rows that a code stands on; empty where it has none.
    public func rows(of code: String) -> [Int] { rowsOfCode[code] ?? [] }

    /// What a row of the table says about every statement.
    public func truth(of row: Row) -> Truth {
        var truth = Truth(catalogue: catalogue)
        for (code, likelihood) in row.codes {
            for statement in rows(of: code) {
                switch weight(of: code, likelihood: likelihood) {
                case .some(let weight): truth.add(statement, weight: weight)
                case .none: truth.mask(statement)
                }
            }
        }
        addWalls(row, to: &truth)
        addAxis(row.heartAxis, to: &truth)
        addPatternsOfExtraBeats(row, to: &truth)
        judgeNormal(&truth)
        truth.closeOverParents(catalogue)
        maskOtherWalls(row, in: &truth)
        maskExtraBeats(row.extraBeats, in: &truth)
        return truth
    }

    /// 1 for a sure code, less for a doubtful one, nil for one that only "cannot be excluded".
    private func weight(of code: String, likelihood: Double) -> Float? {
        guard diagnosticCodes.contains(code), likelihood > 0 else { return 1 }
        if likelihood < 50 { return nil }
        // 0.7: a likelihood of 50 counts less than one of 80 or 100; the figure is a choice, it is not measured.
        return likelihood < 80 ? 0.7 : 1
    }

    /// A stadium refines the wall that the code itself names: I and I-II are acute, II-III and III old, II neither.
    private func addWalls(_ row: Row, to truth: inout Truth) {
        guard let stadium = row.infarctionStadium else {
            for id in Self.refinedIDs { forRow(id) { truth.mask($0) } }
            return
        }
        let prefix: String
        switch stadium {
        case "Stadium I", "Stadium I-II": prefix = "suspected_acute_"
        case "Stadium II-III", "Stadium III": prefix = "old_"
        default: return
        }
        for (code, likelihood) in row.codes {
            guard let weight = weight(of: code, likelihood: likelihood) else { continue }
            for wall in Self.wallsOfCode[code] ?? [] {
                forRow("\(prefix)\(wall)_infarction") { truth.add($0, weight: weight) }
            }
        }
    }

    private static let refinedIDs: [String] = ["suspected_acute_", "old_"].flatMap { prefix in
        ["inferior", "anterior", "anteroseptal", "lateral", "high_posterior"].map {
            "\(prefix)\($0)_infarction"
        }
    }

    /// ALAD is left, RAD and ARAD are right, MID is neither; all else says nothing.
    ///
    /// LAD is mostly the German "Linkstyp", which is normal; an empty column, AXL, AXR and SAG give no angle.
    private func addAxis(_ axis: String?, to truth: inout Truth) {
        switch axis {
        case "ALAD": forRow("left_axis_deviation") { truth.add($0) }
        case "RAD", "ARAD": forRow("right_axis_deviation") { truth.add($0) }
        case "MID": break
        default:
            forRow("left_axis_deviation") { truth.mask($0) }
            forRow("right_axis_deviation") { truth.mask($0) }
        }
    }

    /// Beside any infarction code, a doubtful one too, the walls and ages that it does not name are left open.
    ///
    /// A reader writes the leading wall down; that another has none is not what the code says.
    private func maskOtherWalls(_ row: Row, in truth: inout Truth) {
        guard row.codes.contains(where: { Self.wallsOfCode[$0.code] != nil }) else { return }
        for (index, statement) in catalogue.statements.enumerated()
        where statement.family == "infarction" && statement.id != "suspected_ventricular_aneurysm" {
            truth.mask(index)
        }
    }

    /// BIGU and TRIGU do not say atrial or ventricular; a single kind of premature beat beside them does.
    private func addPatternsOfExtraBeats(_ row: Row, to truth: inout Truth) {
        let codes = Set(row.codes.map(\.code))
        let kind: String
        switch (codes.contains("PVC"), codes.contains("PAC")) {
        case (true, false): kind = "ventricular"
        case (false, true): kind = "supraventricular"
        default: return
        }
        for (code, pattern) in [("BIGU", "bigeminy"), ("TRIGU", "trigeminy")] where codes.contains(code) {
            forRow("\(kind)_\(pattern)") { truth.add($0) }
        }
    }

    /// NORM is often "otherwise normal": beside a statement of severity 1 or more it says nothing.
    ///
    /// The statements as the codes name them are looked at, before parents join them.
    private func judgeNormal(_ truth: inout Truth) {
        let isAbnormal = truth.positives.contains { catalogue.statements[$0].severity >= 1 }
        forRow("normal") { row in if isAbnormal, truth.isPositive(row) { truth.withdraw(row) } }
    }

    /// The extra beats column names ectopy that the codes often lack, so what the codes do not name is left open.
    private func maskExtraBeats(_ beats: String?, in truth: inout Truth) {
        guard let beats, !beats.isEmpty else { return }
        for id in [
            "premature_contractions", "supraventricular_premature_contractions",
            "ventricular_premature_contractions",
        ] {
            forRow(id) { truth.mask($0) }
        }
    }

    private func forRow(_ id: String, _ body: (Int) -> Void) {
        if let row = catalogue.index(of: id) { body(row) }
    }
}
