import TestSupport
import Testing
import Wire

extension Asker {
    /// All that REPLAY gives, in pages of `limit`; `more` are further members of the question.
    func history(
        from: Int64 = 1,
        limit: Int = 500,
        _ more: String = ""
    ) throws -> (events: [JSONObject], pages: Int) {
        var events: [JSONObject] = []
        var pages = 0
        var next: Int64? = from
        while let page = next {
            try send([
                Array(#"{"op":"REPLAY","request":"r","from":\#(page),"limit":\#(limit)\#(more)}"#.utf8)
            ])
            let reply = try reply()
            #expect(reply["ok"] == .bool(true), "\(reply)")
            #expect(reply["truncated"] == .null && reply["unreadable"]?.array?.isEmpty == true, "\(reply)")
            events += reply["events"]?.array?.compactMap(\.object) ?? []
            pages += 1
            next = reply["more"] == .bool(true) ? reply["next"]?.whole : nil
        }
        return (events, pages)
    }
}

/// Events as texts that can be compared.
enum KeptEvent {
    /// An event without what belongs to the moment of its publishing.
    static func text(_ event: JSONObject) -> String {
        JSONValue.object(
            JSONObject(event.members.filter { $0.name != "latencyms" }.map { ($0.name, $0.value) })
        )
        .canonicalText
    }

    /// The canonical event: what its id stands for.
    static func canonical(_ event: JSONObject) -> String {
        let members = ["data", "id", "subject", "time", "type"].map { ($0, event[$0] ?? .null) }
        return JSONValue.object(JSONObject(members)).canonicalText
    }

    /// The ids that stand for two contents.
    static func ambiguous(_ events: [JSONObject]) -> [String] {
        var contents: [String: Set<String>] = [:]
        for event in events { contents[event["id"]?.text ?? "", default: []].insert(canonical(event)) }
        return contents.filter { $0.value.count > 1 }.flatMap { $0.value.sorted() }
    }
}
