import ECGSignal
import Findings
import Foundation
import FrameLog
import TestSupport
import Wire
import ZeroMQ

/// A gateway with acknowledgements that says exactly what a test tells it to.
final class AcknowledgedPeer {
    private let socket: Socket
    private(set) var replies: [GatewayReply] = []

    init(_ endpoint: Endpoint, security: Security = .none) throws {
        var options = SocketOptions()
        options.linger = .zero
        socket = try Socket(.dealer, in: try Context(security: security), options: options)
        try socket.connect(endpoint)
    }

    func send(_ parts: [[UInt8]]) throws {
        guard try socket.send(parts, blocking: true) == .sent else { throw Missing(description: "no room") }
    }

    /// Says HELLO; the daemon's answer to it.
    func greet(_ stream: StreamIdentity, oldest: UInt64 = 1, next: UInt64) throws -> GatewayReply? {
        let words = StreamHello(gateway: "test", stream: stream, oldestHeld: oldest, next: next)
        try send(AcknowledgedFormat.frames(of: words))
        return try reply { if case .acknowledgement = $0 { false } else { $0.epoch == stream.epoch } }
    }

    /// Sends the messages, which have topic and body, with the numbers from `first` on.
    func send(_ messages: [[[UInt8]]], of stream: StreamIdentity, from first: UInt64 = 1) throws {
        for (place, message) in messages.enumerated() {
            let framed = AcknowledgedChunk(
                epoch: stream.epoch,
                number: first + UInt64(place),
                topic: message[0],
                body: message[1]
            )
            try send(framed.parts)
        }
    }

    /// The next reply that fits, of those that have come and those that come; nil once the limit is over.
    func reply(_ fits: (GatewayReply) -> Bool) throws -> GatewayReply? { try awaited { try look(fits) } }

    /// The first reply that fits, of those that have come; nil where there is none.
    func look(_ fits: (GatewayReply) -> Bool) throws -> GatewayReply? {
        if let place = replies.firstIndex(where: fits) { return replies.remove(at: place) }
        _ = try socket.wait(for: .readable, timeout: .milliseconds(20))
        while case .message(let parts) = try socket.receive(maximumParts: 2) {
            if let reply = AcknowledgedFormat.reply(of: parts) { replies.append(reply) }
        }
        return nil
    }

    /// Whether the daemon says that it refuses the chunk of that number for good, with that code.
    func isRefused(_ number: UInt64, _ code: String) throws -> Bool {
        try reply {
            guard case .rejection(let words) = $0 else { return false }
            return words.sequence == number && words.code == code && words.retryMilliseconds == nil
        } != nil
    }

    /// Whether the daemon says of the stream that everything up to that number is durable.
    func isDurable(through number: UInt64, of stream: StreamIdentity) throws -> Bool {
        let words = HeldChunks(epoch: stream.epoch, oldestHeld: 1, next: number + 1)
        try send(AcknowledgedFormat.frames(of: words))
        return try reply {
            guard case .acknowledgement(let ack) = $0 else { return false }
            return ack.epoch == stream.epoch && ack.durableThrough >= number
        } != nil
    }
}

/// What the logs below a state folder hold of acknowledged chunks, all runs together.
struct CommittedChunks {
    /// How often each number of each stream stands there.
    private(set) var counts: [StreamIdentity: [UInt64: Int]] = [:]
    private(set) var runs = 0

    init(state: String) throws {
        let folder = state + "/log"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
            $0.hasSuffix(".framelog")
        }
        for name in names.sorted() where name.hasSuffix("-000001.framelog") {
            // A daemon that was killed at its very begin leaves a header that is torn off.
            guard var reader = try? FrameLogReader("\(folder)/\(name)") else { continue }
            runs += 1
            // What a run has copied from the one before was committed there.
            var isCopy = false
            while let entry = try reader.next() {
                if case .recovery(let step) = entry.content { isCopy = step != .ends }
                if isCopy { continue }
                guard case .frame(.parts(let parts), _, _) = entry.content,
                    let chunk = AcknowledgedChunk(parts: parts), let stream = chunk.stream
                else { continue }
                counts[stream, default: [:]][chunk.number, default: 0] += 1
            }
        }
    }

    /// Chunks in all.
    var total: Int { counts.values.reduce(0) { $0 + $1.values.reduce(0, +) } }

    /// What is wrong: a number that stands there twice, or one that is missing below the greatest of its stream.
    var faults: [String] {
        counts.sorted { $0.key < $1.key }.flatMap { stream, numbers in
            let last = numbers.keys.max() ?? 0
            return (1...max(1, last)).compactMap { number in
                numbers[number] == 1
                    ? nil : "\(stream.name): chunk \(number) stands there \(numbers[number] ?? 0) times"
            }
        }
    }
}
