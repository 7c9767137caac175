import Foundation
import TestSupport
import Testing
import Wire

/// What `make sbom` writes of the program under test.
@Suite struct BillOfMaterialsTests {
    private func bill(_ flags: [String] = []) throws -> (code: Int32?, text: String, words: [String]) {
        let script = Repository.root + "/Scripts/sbom.py"
        let program = try Program(
            "/usr/bin/env",
            ["python3", script, "--program", try Program.shindenPath()] + flags
        )
        defer { program.end() }
        let code = program.exitCode()
        return (code, program.lines.joined(separator: "\n"), program.words)
    }

    @Test func `it is CycloneDX and names each library with its version and licence`() throws {
        let (code, text, words) = try bill()
        #expect(code == 0, "\(words)")
        let object = try #require(try JSONValue(parsing: Array(text.utf8), byteCountMax: 1 << 20).object)
        #expect(object["bomFormat"] == .string("CycloneDX"))
        #expect(object["specVersion"] == .string("1.5"))
        #expect(object["version"] == .integer(1))
        let serial = try #require(object["serialNumber"]?.text)
        #expect(
            serial.wholeMatch(of: /urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/)
                != nil
        )
        let components = try #require(object["components"]?.array).compactMap(\.object)
        for component in components {
            #expect(component["type"] == .string("library"))
            for member in ["name", "version", "bom-ref"] {
                #expect(component[member]?.text?.isEmpty == false, "\(component)")
            }
            #expect(component["purl"]?.text?.wholeMatch(of: /pkg:(swift|deb|generic)\/\S+@\S+/) != nil)
            let licence = component["licenses"]?.array?.first?.object
            let words =
                licence?["expression"]?.text ?? licence?["license"]?.object?["id"]?.text
                ?? licence?["license"]?.object?["name"]?.text
            #expect(words?.isEmpty == false && words != "unknown", "\(component)")
        }
        let whole = try #require(object["metadata"]?.object?["component"]?.object?["bom-ref"]?.text)
        let refs = components.compactMap { $0["bom-ref"]?.text } + [whole]
        #expect(Set(refs).count == refs.count)
        let dependency = try #require(object["dependencies"]?.array?.first?.object)
        #expect(dependency["ref"] == .string(whole))
        let needed = dependency["dependsOn"]?.array?.compactMap(\.text) ?? []
        #expect(Set(needed).isSubset(of: Set(refs)))
        for name in ["libzmq", "libopenblas", "libsodium", "swift-protobuf", "swift-log", "Yams"] {
            #expect(needed.contains { $0.contains(name) }, "\(name) is none of \(needed)")
        }
        // Each package that the manifest asks for is there, in the version that it names.
        let manifest = try String(contentsOfFile: Repository.root + "/Package.swift", encoding: .utf8)
        let pins = manifest.matches(of: /url: "https:\/\/(\S+?)(\.git)?", exact: "([0-9.]+)"/)
        #expect(pins.count >= 6)
        for pin in pins { #expect(needed.contains("pkg:swift/\(pin.output.1)@\(pin.output.3)")) }
    }

    @Test func `the same program gives the same bytes, and no program is said`() throws {
        #expect(try bill().text == bill().text)
        let none = try bill(["--resolved", "/nowhere/Package.resolved"])
        #expect(none.code == 1 && none.words.contains { $0.contains("is not there") })
    }
}
