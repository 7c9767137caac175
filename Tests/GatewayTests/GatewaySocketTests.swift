import ECGSignal
import Mathematics
import Messaging
import Synchronization
import TestSupport
import Testing
import Threads
import Wire
import ZeroMQ

@testable import Gateway

/// A daemon's socket: a SUB that is bound and takes every patient.
private struct Daemon: ~Copyable {
    let socket: Socket
    let endpoint: Endpoint

    init(_ context: Context, queue: Int32) throws {
        var options = SocketOptions()
        options.receiveHighWaterMark = queue
        let opened = try Socket(.sub, in: context, options: options)
        try opened.subscribe(Array(Topic.allData.utf8))
        endpoint = try opened.bind(Endpoint("tcp://127.0.0.1:*"))
        socket = opened
    }
}

/// What two threads tell each other.
private final class Shared: Sendable {
    let endpoint = Mutex<Endpoint?>(nil)
    let mayRead = Mutex(false)
    let received = Mutex<[LeadChunk]>([])
    let failure = Mutex<String?>(nil)
}

@Suite struct GatewaySocketTests {
    private func plan(_ patients: Int, seconds: Int) throws -> ReplayPlan {
        var options = ReplayOptions()
        options.chunkMilliseconds = 20
        return try ReplayPlan(
            [.of(Lead.standard, count: seconds * 500)],
            patients: ReplayPlan.patientNames(patients),
            epochs: Array(1...UInt64(patients)),
            options: options
        )
    }

    /// The reader does not read until the sender has found no room.
    @Test func `at full speed a reader that stands still loses nothing`() throws {
        let shared = Shared()
        var sent = try plan(20, seconds: 20)
        let wanted = try steps(of: sent).count
        let reader = try WorkerThread.start(name: "reader") {
            do {
                let daemon = try Daemon(Context(), queue: 10)
                shared.endpoint.withLock { $0 = daemon.endpoint }
                while !shared.mayRead.withLock({ $0 }) {
                    // The handshake needs the thread inside a call; no message is taken.
                    _ = try daemon.socket.wait(for: .writable, timeout: .milliseconds(5))
                }
                while shared.received.withLock({ $0.count }) < wanted {
                    guard try !daemon.socket.wait(for: .readable, timeout: limit).isEmpty else { break }
                    if case .message(let parts) = try daemon.socket.receive(maximumParts: 5) {
                        let chunk = try ChunkDecoder.decode(parts: parts)
                        shared.received.withLock { $0.append(chunk) }
                    }
                }
            } catch {
                shared.failure.withLock { $0 = "\(error)" }
            }
        }
        let endpoint = try #require(awaited { shared.endpoint.withLock { $0 } })
        let context = try Context()
        var gateway = try GatewaySocket(endpoint, in: context)
        let topics = sent.streams.compactMap { Topic(patient: $0.patient, device: $0.device)?.text }
        #expect(try gateway.waitForSubscription(to: topics, timeout: limit) == [])
        var replayer = Replayer(speed: .max)
        var wasHeldUp = false
        let outcome = try replayer.run(
            &sent,
            over: &gateway,
            isInterrupted: { shared.failure.withLock { $0 != nil } },
            report: { progress in
                guard progress.isHeldUp else { return }
                wasHeldUp = true
                shared.mayRead.withLock { $0 = true }
            }
        )
        shared.mayRead.withLock { $0 = true }
        reader.join()
        #expect(outcome == .finished)
        #expect(wasHeldUp, "the queues took everything; send more")
        #expect(shared.failure.withLock { $0 } == nil)
        let received = shared.received.withLock { $0 }
        #expect(received.count == wanted && replayer.progress.chunks == wanted)
        let streams = Dictionary(grouping: received, by: \.stream)
        #expect(streams.count == 20)
        for chunks in streams.values {
            #expect(chunks.map(\.sequence) == Array(1...UInt64(chunks.count)))
            #expect(chunks.last?.endSample == 10_000 && chunks.last?.isLast == true)
        }
    }

    @Test(arguments: [5.0, 40]) func `no message leaves before it is due`(speed: Double) throws {
        let context = try Context()
        let daemon = try Daemon(context, queue: 1_000)
        var gateway = try GatewaySocket(daemon.endpoint, in: context)
        let hasSubscribed = try awaited { () -> Bool? in
            _ = try daemon.socket.wait(for: .readable, timeout: .milliseconds(5))
            return try gateway.waitForSubscription(to: ["ecg1."], timeout: .zero).isEmpty ? true : nil
        }
        try #require(hasSubscribed == true)
        var sent = try plan(3, seconds: 2)
        var replayer = Replayer(speed: .times(speed))
        var tooEarly = 0
        var count = 0
        let start = ContinuousClock.now
        _ = try replayer.run(
            &sent,
            over: &gateway,
            isInterrupted: { false },
            report: { progress in
                guard progress.chunks > count else { return }
                count = progress.chunks
                if start.duration(to: .now) < .nanoseconds(progress.elapsed) / speed { tooEarly += 1 }
            }
        )
        #expect(count == 300 && tooEarly == 0)
    }

    @Test func `a replay can be stopped while the daemon takes nothing`() throws {
        let context = try Context()
        let daemon = try Daemon(context, queue: 10)
        let endpoint = daemon.endpoint
        let sent = try plan(20, seconds: 20)
        let shared = Shared()
        let sender = try WorkerThread.start(name: "sender") {
            do {
                // Dropped with what it holds: nobody will read it.
                var gateway = try GatewaySocket(endpoint, in: context, linger: .zero)
                let missing = try gateway.waitForSubscription(to: ["ecg1.00.p0001.x."], timeout: limit)
                var replayer = Replayer(speed: .max)
                var wasHeldUp = false
                var plan = sent
                let outcome = try replayer.run(
                    &plan,
                    over: &gateway,
                    isInterrupted: { wasHeldUp },
                    report: {
                        wasHeldUp = wasHeldUp || $0.isHeldUp
                    }
                )
                shared.failure.withLock { $0 = "\(missing.count) \(outcome) \(wasHeldUp)" }
            } catch {
                shared.failure.withLock { $0 = "\(error)" }
            }
        }
        let said = try awaited {
            _ = try daemon.socket.wait(for: .writable, timeout: .milliseconds(5))
            return shared.failure.withLock { $0 }
        }
        sender.join()
        #expect(said == "0 interrupted true")
    }

    @Test func `without a subscription the topics are named`() throws {
        let context = try Context()
        let socket = try Socket(.sub, in: context)
        try socket.subscribe(Array("ecg1.3f.".utf8))
        let endpoint = try socket.bind(Endpoint("tcp://127.0.0.1:*"))
        var gateway = try GatewaySocket(endpoint, in: context)
        let topics = ["ecg1.3f.a.d.", "ecg1.40.b.d."]
        var patience = Patience()
        var missing = topics
        while missing.count == 2, !patience.isOver() {
            _ = try socket.wait(for: .readable, timeout: .milliseconds(5))
            missing = try gateway.waitForSubscription(to: topics, timeout: .milliseconds(20))
        }
        #expect(missing == ["ecg1.40.b.d."])
        try socket.unsubscribe(Array("ecg1.3f.".utf8))
        while missing.count == 1, !patience.isOver() {
            _ = try socket.wait(for: .readable, timeout: .milliseconds(5))
            missing = try gateway.waitForSubscription(to: topics, timeout: .milliseconds(20))
        }
        #expect(missing == topics)
    }

    @Test func `an interruption ends the wait for a subscription`() throws {
        let context = try Context()
        var gateway = try GatewaySocket(Endpoint("ipc://nobody-is-here"), in: context)
        var asked = 0
        let missing = try gateway.waitForSubscription(to: ["ecg1.00.a.d."], timeout: .seconds(3_600)) {
            asked += 1
            return asked > 2
        }
        #expect(missing == ["ecg1.00.a.d."])
    }
}
