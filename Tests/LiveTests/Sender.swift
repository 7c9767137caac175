import ECGSignal
import Gateway
import Recordings
import TestSupport
import Wire
import ZeroMQ

/// A gateway: an XPUB that waits for the daemon's subscription and then sends at the daemon's pace.
final class Sender {
    private let socket: Socket

    /// `linger` is how long what was sent may wait for the daemon after this sender is gone.
    init(
        to frames: Endpoint,
        linger: Duration = Patience.limit(.seconds(10)),
        security: Security = .none
    ) throws {
        var options = SocketOptions()
        options.xpubNoDrop = true
        options.linger = linger
        options.sendTimeout = .milliseconds(100)
        socket = try Socket(.xpub, in: try Context(security: security), options: options)
        try socket.connect(frames)
        let isHeard = try eventually {
            _ = try socket.wait(for: .readable, timeout: .milliseconds(50))
            guard case .message(let parts) = try socket.receive(maximumParts: 1) else { return false }
            return SubscriptionNotice(parts)?.subscribes == true
        }
        guard isHeard else { throw Missing(description: "the daemon has not subscribed within the limit") }
    }

    /// Sends one message, waiting for room until `isOver`.
    func send(_ parts: [[UInt8]], unless isOver: () -> Bool = { false }) throws {
        var patience: Patience?
        while try socket.send(parts, blocking: true) != .sent {
            if isOver() { return }
            var started = patience ?? Patience()
            if started.isOver() { throw Missing(description: "the daemon takes no frames") }
            patience = started
        }
    }

    func send(_ messages: [[[UInt8]]]) throws { for message in messages { try send(message) } }
}

/// A real record as a stream to send.
struct SentRecord {
    let stream: RecordedStream

    init(_ name: String) throws {
        stream = try RecordedStream.read(try Recording.load(Repository.fixtures + "/" + name)).stream
    }

    /// The data messages of samples `range` (all by default), `size` samples a chunk.
    ///
    /// The record is repeated where the range is longer than it; in the samples of `flat` nothing moves. Chunks are numbered
    /// by their place in the stream, or from `number` on.
    func messages(
        _ identity: StreamIdentity,
        _ range: Range<Int>? = nil,
        every size: Int = 100,
        from number: UInt64? = nil,
        isLast: Bool = false,
        flat: Range<Int> = 0..<0
    ) throws -> [[[UInt8]]] {
        let range = range ?? 0..<stream.sampleCount
        return try stride(from: range.lowerBound, to: range.upperBound, by: size).map { from in
            let end = min(from + size, range.upperBound)
            let chunk = OutgoingChunk(
                stream: identity,
                sequence: number.map { $0 + UInt64((from - range.lowerBound) / size) }
                    ?? UInt64(from / size + 1),
                firstSample: SampleIndex(from),
                rate: stream.rate,
                nanovoltsPerUnit: stream.leads[0].nanovoltsPerUnit,
                encoding: .int16,
                leads: try stream.leads.map { lead in
                    OutgoingLead(
                        lead: lead.lead,
                        samples: .integers(try samples(of: lead, from..<end, flat: flat))
                    )
                },
                isLast: isLast && end == range.upperBound
            )
            return try ChunkEncoder.frames(chunk)
        }
    }

    private func samples(
        of lead: RecordedStream.RecordedLead,
        _ range: Range<Int>,
        flat: Range<Int>
    ) throws -> [Int32] {
        guard case .integers(let values) = try lead.samples(0..<lead.sampleCount).values else { return [] }
        return range.map { values[(flat.contains($0) ? flat.lowerBound : $0) % values.count] }
    }
}
