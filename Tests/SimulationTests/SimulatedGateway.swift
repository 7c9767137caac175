import ECGSignal
import TestSupport

@testable import Gateway

/// A gateway of some streams with the store and the words of the real one.
struct SimulatedGateway {
    /// A stream with what the world knows of it.
    struct Stream {
        var session: AcknowledgedStream
        let total: UInt64
        /// Chunks that the gateway let go of by itself.
        var letGo: Set<UInt64> = []
        /// The check of each chunk as it was made, from number 1 on.
        var checks: [UInt32] = []
        /// Chunks up to this one were told to be durable.
        var forgotten: UInt64 = 0
        /// Counters began anew, so nobody sends it any more.
        var isAbandoned = false
    }

    let number: Int
    /// Which of its sockets is in use.
    var socket = 0
    var streams: [Stream] = []
    private let chunks: Int
    /// Chunks of each stream that are made in a turn.
    let pace: Int
    private let limits: AcknowledgedStream.Limits

    init(_ number: Int, _ generator: inout SeededGenerator) {
        self.number = number
        let isBusy = Int.random(in: 0..<4, using: &generator) == 0
        chunks = .random(in: isBusy ? 300...900 : 20...150, using: &generator)
        pace = isBusy ? .random(in: 2...8, using: &generator) : 1
        var limits = AcknowledgedStream.Limits()
        // Small enough that an outage makes it let go of some.
        if Int.random(in: 0..<3, using: &generator) == 0 {
            limits.chunks = .random(in: 5...60, using: &generator)
        }
        self.limits = limits
        for _ in 0..<Int.random(in: 1...3, using: &generator) { begin(&generator) }
    }

    /// A new stream, or a new epoch of one whose counters are lost.
    mutating func begin(insteadOf place: Int? = nil, _ generator: inout SeededGenerator) {
        let device = "d\(number)-\(place ?? streams.count)"
        let epoch = generator.next() | 1
        let stream = StreamIdentity(patient: "p\(number)", device: device, epoch: epoch)
        if let place { streams[place].isAbandoned = true }
        streams.append(
            Stream(
                session: AcknowledgedStream(stream, name: "g\(number)", limits: limits),
                total: UInt64(chunks)
            )
        )
    }

    /// Makes the next chunk of a stream that has not ended; whether an older one had to go for it.
    mutating func measure(_ place: Int, _ generator: inout SeededGenerator) -> Bool {
        let number = streams[place].session.nextNumber
        guard number <= streams[place].total, !streams[place].isAbandoned else { return false }
        let hadRoom = streams[place].session.hasRoom
        let before = streams[place].session.oldestHeld
        let check = UInt32.random(in: 1...UInt32.max, using: &generator)
        let frames = [[UInt8(truncatingIfNeeded: check)], [UInt8](repeating: 0, count: Int(check % 64))]
        streams[place].session.append(frames, isLast: number == streams[place].total)
        streams[place].checks.append(check)
        guard !hadRoom else { return false }
        for gone in before..<streams[place].session.oldestHeld { streams[place].letGo.insert(gone) }
        return true
    }

    /// Everything has a new connection.
    mutating func reconnect() {
        socket += 1
        for place in streams.indices { streams[place].session.reconnect() }
    }

    var isComplete: Bool { streams.allSatisfy { $0.isAbandoned || $0.session.isComplete } }
}
