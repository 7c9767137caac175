import Findings
import Policy
import Testing

@Suite struct PolicyTableTests {
    @Test func `54 rows of the catalogue may alarm, and no row of the model alone`() {
        let rows = Catalogue.shipped.statements.filter { $0.alarmPriority != nil }
        #expect(rows.count == 54)
        #expect(rows.filter { $0.evidence == .rule }.count == 19)
        #expect(!rows.contains { $0.evidence == .model })
    }
}
