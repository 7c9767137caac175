/// What the daemon's control socket answers, from values to bytes and back.

/// A reply: one JSON object with `ok`, `more`, the asker's `request`, and what was asked for or `code` and `detail`.
public struct ControlReply: Sendable, Equatable {
    /// Entries of a list that one reply holds at most; the next page is asked for.
    public static let pageCount = 50

    /// Bytes that a reply may have: 50 entries, each as long as it can be, have fewer.
    static let bytesMax = 4 << 20

    /// All members as they arrived.
    public let object: JSONObject

    /// Reads a reply; nil where the bytes hold no JSON object.
    public init?(parsing bytes: [UInt8]) {
        guard let object = try? JSONValue(parsing: bytes, byteCountMax: ControlReply.bytesMax).object else {
            return nil
        }
        self.object = object
    }

    /// The asker's name for the question.
    public var name: String? { object["request"]?.text }

    /// Why the question was not answered; nil where it was.
    public var problem: ControlProblem? {
        if object["ok"] == .bool(true) { return nil }
        return ControlProblem(code: object["code"]?.text ?? "", detail: object["detail"]?.text ?? "")
    }

    /// Whether the list that was asked for goes on after this page.
    public var hasMore: Bool { object["more"] == .bool(true) }

    /// Where the next page begins; nil on the last one.
    public var next: Int? { hasMore ? object["next"]?.whole.flatMap { Int(exactly: $0) } : nil }

    /// The entries of the list of that name on this page.
    public func entries(_ list: String) -> [JSONObject] {
        object[list]?.array?.compactMap(\.object) ?? []
    }

    /// All members, where `entries` are all pages of the list of that name; nil leaves the reply as it is.
    public func withWholeList(_ list: String, _ entries: [JSONObject]?) -> JSONObject {
        guard let entries else { return object }
        return object.with([list: .array(entries.map(JSONValue.object)), "more": .bool(false)])
    }

    // MARK: what the daemon writes

    /// Writes the reply to the question that its asker called `name`.
    public static func bytes(
        answering name: String?,
        with answer: Result<JSONObject, ControlProblem>
    ) -> [UInt8] {
        var reply: JSONObject
        switch answer {
        case .success(let members):
            reply = members.with(["ok": .bool(true)])
            if reply["more"] == nil { reply = reply.with(["more": .bool(false)]) }
        case .failure(let problem):
            reply = [
                "ok": .bool(false), "code": .string(problem.code), "detail": .string(problem.detail),
                "more": .bool(false),
            ]
        }
        return JSONValue.object(reply.with(["request": .stringOrNull(name)])).canonical
    }

    /// Writes the page of `all` that begins at entry `from`, as the list of that name.
    public static func page<Entries: RandomAccessCollection>(
        of all: Entries,
        from: Int,
        as list: String,
        _ write: (Entries.Element) -> JSONObject
    ) -> JSONObject where Entries.Index == Int {
        let first = min(max(from, 0), all.count)
        let end = min(first + pageCount, all.count)
        let page: JSONObject = [
            list: .array(all[first..<end].map { .object(write($0)) }), "more": .bool(end < all.count),
        ]
        return end < all.count ? page.with(["next": .integer(Int64(end))]) : page
    }
}
