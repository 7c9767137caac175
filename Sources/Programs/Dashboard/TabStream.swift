internal import FlyingFox
internal import FlyingSocks

/// What one browser tab is sent, for as long as it stays: a server-sent event every fifth of a second.
///
/// A message is made when the tab has taken the one before, so a tab that does not read costs one message.
struct TabStream: AsyncBufferedSequence {
    typealias Element = UInt8

    let hub: Hub
    let tab: Tab
    let tile: Int?
    /// Asked before each message: whether who looks still may.
    let mayLook: @Sendable () -> Bool

    /// A tab that is served until nobody holds it.
    final class Tab: Sendable {
        let number: Int
        private let hub: Hub

        /// Opens a tab; nil where there are too many.
        init?(of hub: Hub, tile: Int?) {
            guard let number = hub.open(tile: tile) else { return nil }
            self.number = number
            self.hub = hub
        }

        deinit { hub.close(number) }
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(hub: hub, tab: tab, cursor: TabCursor(tile: tile), mayLook: mayLook)
    }

    struct Iterator: AsyncBufferedIteratorProtocol {
        let hub: Hub
        let tab: Tab
        var cursor: TabCursor
        let mayLook: @Sendable () -> Bool
        private var due = ContinuousClock.now

        init(hub: Hub, tab: Tab, cursor: TabCursor, mayLook: @escaping @Sendable () -> Bool) {
            self.hub = hub
            self.tab = tab
            self.cursor = cursor
            self.mayLook = mayLook
        }

        mutating func next() async throws -> UInt8? {
            preconditionFailure("messages are taken whole")
        }

        mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
            while true {
                try await Task.sleep(until: due, clock: .continuous)
                due = Swift.max(due + .milliseconds(200), .now)
                guard mayLook() else { return nil }
                let (message, isOver) = hub.next(tab.number, &cursor)
                if isOver { return nil }
                if let message { return message }
            }
        }
    }
}
