import Evaluation
import Testing

@Suite struct LeadSelectionTests {
    @Test func `the usual selections have names of their own and begin with all twelve`() {
        let names = LeadSelection.usual.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(LeadSelection.usual.first?.sent.count == 12)
    }
}
