import Foundation
import TestSupport
import Testing
import Wire

@testable import Dashboard

/// Protocols/dashboard.openapi.json and the routes of the server are the same.
@Suite struct RouteTests {
    private let document: JSONObject

    init() throws {
        let path = Repository.root + "/Protocols/dashboard.openapi.json"
        let bytes = Array(try String(contentsOfFile: path, encoding: .utf8).utf8)
        document = try #require(try JSONValue(parsing: bytes, byteCountMax: 1 << 20).object)
    }

    @Test func `each route stands in the document, and each of the document is a route`() {
        let described = (document["paths"]?.object?.members ?? []).flatMap { path in
            (path.value.object?.members ?? []).map { "\($0.name.uppercased()) \(path.name)" }
        }
        let served = Route.allCases.map { "\($0.method) \($0.path)" }
        #expect(Set(described) == Set(served))
        #expect(described.count == served.count)
        for route in Route.allCases { #expect(Route(route.method, route.path) == route) }
        #expect(Route("GET", "/api/ack") == nil)
    }

    @Test func `each answer, body and parameter that is named is described, and each description is used`()
        throws
    {
        let text = JSONValue.object(document).canonicalText
        let used = Set(text.matches(of: /#\/components\/([a-z]+\/[A-Za-z]+)/).map { String($0.output.1) })
        let components = try #require(document["components"]?.object)
        let described = ["schemas", "parameters"].flatMap { kind in
            (components[kind]?.object?.members ?? []).map { "\(kind)/\($0.name)" }
        }
        #expect(used == Set(described))
        #expect(document["openapi"] == .string("3.1.0"))
    }
}
