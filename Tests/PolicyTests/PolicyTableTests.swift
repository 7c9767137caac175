import Delineation
import Findings
import Foundation
import Policy
import Quality
import Rhythm
import TestSupport
import Testing

/// The defaults, and the page that shows them.
@Suite struct PolicyTableTests {
    /// The rows of the page: statement, priority, evidence, onset, end, re-arm, latches, today.
    private static func pageRows() throws -> [[String]] {
        let page = try String(contentsOfFile: Repository.root + "/docs/ALARMS.md", encoding: .utf8)
        return page.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 9, Catalogue.shipped.index(of: cells[0]) != nil else { return nil }
            return cells
        }
    }

    @Test func `54 rows of the catalogue may alarm, and no row of the model alone`() {
        let rows = PolicyTable.standard.rows.filter { $0.priority != .info }
        #expect(rows.count == 54)
        #expect(rows.filter { $0.evidence == .rule }.count == 19)
        #expect(!rows.contains { $0.evidence == .model })
        #expect(rows.filter { $0.priority == .high }.map(\.statement) == PolicyTableTests.high)
    }

    private static let high = [
        "asystole", "extreme_bradycardia", "extreme_tachycardia", "ventricular_tachycardia",
        "torsades_de_pointes", "ventricular_fibrillation",
    ]

    @Test func `the page of alarms shows the table that the code has`() throws {
        let rows = PolicyTable.standard.rows.filter { $0.priority != .info }
        let page = try PolicyTableTests.pageRows()
        #expect(page.map { $0[0] } == rows.map(\.statement))
        for (row, cells) in zip(rows, page) {
            let own = [
                row.statement, row.priority.rawValue, row.evidence.rawValue, "\(row.onsetSamples / 500)",
                "\(row.endSamples / 500)", "\(row.rearmSamples / 500)", row.latches ? "yes" : "no",
            ]
            #expect(own == Array(cells.prefix(7)))
        }
    }

    @Test func `the page says rule now of the statements that a rule decides, and of no other`() throws {
        let page = try PolicyTableTests.pageRows()
        let ruled = Set(page.filter { $0[7] == "rule now" }.map { $0[0] })
        let rules =
            RhythmFinding.allCases.map(\.rawValue) + [LongQT.statement]
            + STChange.statements + SignalFinding.allCases.map(\.rawValue)
        // What never alarms has no line on the page.
        let alarming = Set(PolicyTable.standard.rows.filter { $0.priority != .info }.map(\.statement))
        #expect(ruled == alarming.intersection(rules))
        #expect(page.allSatisfy { $0[7] == "rule now" || $0[7] == "text only" })
    }

    @Test func `every statement of a chain is in the catalogue`() {
        let table = PolicyTable.standard
        for statement in table.chains.joined().joined() { #expect(table.index(of: statement) != nil) }
    }
}
