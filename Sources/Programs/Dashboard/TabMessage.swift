internal import Wire

/// What one browser tab has seen of the board, and the next message for it.
struct TabCursor: Sendable {
    /// The tile whose waveforms it wants in the diagnostic band; nil shows all tiles in the monitor's.
    let tile: Int?
    private var version: UInt64 = 0
    private var wave: UInt64 = 0
    private var isFirst = true
    private var sentAt: Int64 = 0

    /// Milliseconds after which a message is sent though nothing is new, so that a tab knows that the line holds.
    private static let quietMax: Int64 = 1_000

    /// A tab that has seen nothing.
    init(tile: Int?) { self.tile = tile }

    /// The next message as a server-sent event; nil where nothing is new.
    ///
    /// `utc` is the wall clock in milliseconds. A tab that asks late gets the newest state of everything that changed
    /// meanwhile, and no waveform older than 2 s.
    mutating func message(of board: Board, at now: Int64, utc: Int64) -> [UInt8]? {
        let waves = takeWaves(of: board, at: now)
        guard isFirst || board.version > version || !waves.isEmpty || now - sentAt >= TabCursor.quietMax
        else { return nil }
        let members: JSONObject = [
            "utc": .integer(utc), "sources": .array(sources(of: board, at: now, utc: utc)),
            "tiles": .array(
                board.tiles.values.filter { isFirst || $0.version > version }.sorted { $0.place < $1.place }
                    .map { .object($0.object(at: now)) }
            ),
            "gone": .array(board.gone.filter { $0.version > version }.map { .integer(Int64($0.id)) }),
            "facts": .array(news(of: board.facts)), "steps": .array(news(of: board.steps)),
            "waves": .array(waves), "turned_away": .integer(Int64(board.turnedAway)),
        ]
        var message = isFirst ? members.with(["first": .bool(true)]) : members
        if let tile, let shown = board.tiles[tile], isFirst || shown.windowVersion > version,
            let window = shown.windowObject(at: now)
        {
            message = message.with(["window": .object(window)])
        }
        isFirst = false
        version = board.version
        sentAt = now
        return Array("data: ".utf8) + JSONValue.object(message).canonical + Array("\n\n".utf8)
    }

    /// The waveforms that it has not seen: `[tile, base64]` each.
    private mutating func takeWaves(of board: Board, at now: Int64) -> [JSONValue] {
        var waves: [JSONValue] = []
        var newest = wave
        for id in board.tiles.keys.sorted() {
            guard let shown = board.tiles[id], tile == nil || tile == id else { continue }
            for each in tile == nil ? shown.monitor : shown.diagnostic {
                newest = max(newest, each.number)
                guard each.number > wave, isFirst || now - each.arrivedAt <= Tile.waveAgeMax else { continue }
                waves.append(.array([.integer(Int64(id)), .string(each.text)]))
            }
        }
        wave = newest
        return waves
    }

    private func news(of list: [Board.Fact]) -> [JSONValue] {
        list.filter { $0.number > version }.map { fact in
            .object(fact.object.with(["n": .integer(Int64(fact.number)), "at": .integer(fact.at)]))
        }
    }

    private func sources(of board: Board, at now: Int64, utc: Int64) -> [JSONValue] {
        board.sources.enumerated().filter { isFirst || $0.element.version > version }.map { index, source in
            let state = source.heardAt == nil ? "sought" : source.isLost ? "lost" : "heard"
            return .object([
                "id": .integer(Int64(index)), "events": .string(source.events), "state": .string(state),
                "run": .stringOrNull(source.run), "missed": .integer(Int64(clamping: source.missed)),
                "facts": source.facts.map { .object($0.object) } ?? .null,
                "not_looked_for": .stringOrNull(source.notLookedFor),
                "alarms_known": .bool(source.isStandingKnown),
                "roster": .array(source.roster.map(JSONValue.object)),
                "settings": .array(source.settings.map(JSONValue.object)),
                "rates": source.rates.map(JSONValue.object) ?? .null,
                "rates_by": .stringOrNull(source.ratesBy),
                "history": .integerOrNull(source.history?.begin?.utc),
                "forgotten": source.forgotten.map { forgotten in
                    .object([
                        "utc": .integer(utc - (now - forgotten.at)),
                        "count": .integer(Int64(forgotten.count)),
                        "alarms": .array(forgotten.named.map(JSONValue.object)),
                    ])
                } ?? .null,
            ])
        }
    }
}
