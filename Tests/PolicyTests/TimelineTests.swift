import Foundation
import TestSupport
import Testing

/// The cases of `Timelines/`, each a text that says what is seen, what people do, and what must follow.
@Suite struct TimelineTests {
    static let names: [String] = {
        let folder = Repository.root + "/Tests/PolicyTests/Timelines"
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
        return (names ?? []).filter { $0.hasSuffix(".txt") }.sorted()
    }()

    @Test(arguments: names)
    func `what must follow of a timeline follows`(name: String) throws {
        let text = try String(
            contentsOfFile: Repository.root + "/Tests/PolicyTests/Timelines/" + name,
            encoding: .utf8
        )
        let differences = try Timeline(text).differences()
        #expect(differences.isEmpty, "\(name)\n\(differences.joined(separator: "\n"))")
    }

    @Test func `P24 at least 60 timelines hold the policy`() { #expect(TimelineTests.names.count >= 60) }
}
