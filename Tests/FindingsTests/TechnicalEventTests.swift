import Findings
import Foundation
import TestSupport
import Testing

/// What the page of technical events says.
@Suite struct TechnicalEventTests {
    @Test func `P27 every technical event has its row with cause and remedy, and no row has another`() throws
    {
        let page = try String(contentsOfFile: Repository.root + "/docs/TECHNICAL_EVENTS.md", encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let named = rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
        #expect(named.sorted() == TechnicalEvent.Code.allCases.map(\.rawValue).sorted())
        for row in rows {
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(cells.count >= 2 && !cells[1].isEmpty, "\(row)")
            // Upper case: somebody has to mend it, so there is something to do.
            if let code = named.first(where: { row.contains("`\($0)`") }), code == code.uppercased() {
                #expect(cells.count == 3 && !cells[2].isEmpty, "\(row)")
            }
        }
    }
}
