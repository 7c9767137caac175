import ECGSignal
import Findings
import Testing

@Suite struct CatalogueTests {
    @Test func `the shipped catalogue has its 152 statements, each parent among them`() throws {
        let catalogue = Catalogue.shipped
        #expect(catalogue.statements.count == 152)
        for statement in catalogue.statements {
            if let parent = statement.parent { #expect(catalogue.index(of: parent) != nil) }
        }
    }

    @Test(arguments: [
        ("I|II", ["II"], true), ("I|II", ["V1"], false), ("limb", ["aVR", "III"], true),
        ("limb", ["I", "V1"], false), ("V1+V6", ["V1", "V6"], true), ("V1+V6", ["V1", "V5"], false),
        ("any", [], false), ("any", ["V3"], true), ("precordial", ["V1"], false),
        ("12", ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"], true),
    ])
    func `lead expressions mean what the catalogue says`(text: String, names: [String], isMet: Bool) throws {
        let requirement = try #require(LeadRequirement(text))
        #expect(requirement.isMet(by: LeadSet(names.compactMap(Lead.init(name:)))) == isMet)
    }

    @Test(arguments: [("\r\n", "\r\n"), ("\r\n", "\n\r\n\r\n"), ("\n", "\r\n")])
    func `line ends of Windows change no statement`(end: String, last: String) throws {
        let shipped = Catalogue.shipped
        let lines = String(decoding: shipped.bytes, as: UTF8.self).split(separator: "\n")
        let table = try Catalogue(bytes: Array((lines.joined(separator: end) + last).utf8))
        #expect(table.statements == shipped.statements)
    }

    @Test(arguments: ["-1", "4", "99", "high", ""]) func `a severity that is not 0 to 3 is refused`(
        grade: String
    ) {
        let header = "id\ten\tja\tparent\tevidence\tleads_min\talarm_priority\tfamily\tscp\tsnomed\tseverity"
        let row = "a\tA\t\t\trule\tI\tnone\trhythm\t\t\t"
        #expect(throws: Never.self) { try Catalogue(bytes: Array("\(header)\n\(row)3\n".utf8)) }
        #expect(throws: Catalogue.Malformed.self) {
            try Catalogue(bytes: Array("\(header)\n\(row)\(grade)\n".utf8))
        }
    }

    @Test func `a broken table is refused with its line`() {
        #expect(throws: Catalogue.Malformed.self) { try Catalogue(bytes: Array("id\ten\n".utf8)) }
    }
}
