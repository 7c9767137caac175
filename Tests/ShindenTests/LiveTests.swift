import ECGSignal
import Foundation
import Messaging
import TestSupport
import Testing
import Wire
import ZeroMQ

/// `replay` and `watch` as processes against a daemon's sockets in the test's hand.
@Suite struct LiveTests {
    /// One of a daemon's sockets.
    private struct Bound: ~Copyable {
        let socket: Socket
        let endpoint: Endpoint

        /// A SUB for frames or an XPUB for events.
        init(_ kind: Socket.Kind) throws {
            let opened = try Socket(kind, in: Context())
            if kind == .sub { try opened.subscribe(Array(Topic.allData.utf8)) }
            endpoint = try opened.bind(freshEndpoint())
            socket = opened
        }
    }

    private func envelope(_ number: UInt64, run: String = "r", _ data: JSONObject = [:]) -> [UInt8] {
        let digits = String(repeating: "0", count: 16 - "\(number)".count) + "\(number)"
        return JSONValue.object([
            "data": .object(data), "run": .string(run), "subject": .string("p0001"),
            "time": .string("2026-01-02T03:04:05.678Z"), "topicsequence": .string(digits),
            "type": .string("shinden.tech.v1"),
        ]).canonical
    }

    @Test func `replay sends every sample of each patient and ends with last`() throws {
        let frames = try Bound(.sub)
        let replay = try Program([
            "replay", fixture("ptbxl/00017_hr"), "--patients", "3", "--speed", "max", "--epoch", "a0",
            "--publish",
            frames.endpoint.text, "--encoding", "delta", "--rate", "250",
            // A daemon that runs on this machine is not asked.
            "--events", try freshEndpoint().text,
        ])
        var ended = 0
        var samples: [String: Int] = [:]
        let isWhole = try eventually {
            _ = try frames.socket.wait(for: .readable, timeout: .milliseconds(50))
            while case .message(let parts) = try frames.socket.receive(maximumParts: 5) {
                let chunk = try ChunkDecoder.decode(parts: parts)
                #expect(chunk.firstSample == Int64(samples[chunk.stream.name, default: 0]))
                #expect(chunk.leads.count == 12 && chunk.rate.hertz == 250)
                samples[chunk.stream.name, default: 0] += chunk.sampleCount
                ended += chunk.isLast ? 1 : 0
            }
            return ended == 3
        }
        #expect(isWhole)
        let names = (0..<3).map { "p000\($0 + 1).replay-p000\($0 + 1).00000000000000a\($0)" }
        #expect(samples == Dictionary(uniqueKeysWithValues: names.map { ($0, 2_500) }))
        let run = replay.finished()
        #expect(run.code == 0 && run.output.isEmpty)
        #expect(run.words.contains("Sent 150 messages with 90000 samples of 3 patients"))
        #expect(run.words.contains("not a medical device") && !run.words.contains("\r"))
    }

    @Test func `Ctrl-C ends a replay with 130 and says how far it came`() throws {
        let frames = try Bound(.sub)
        let replay = try Program([
            "replay", fixture("ptbxl/00017_hr"), "--loop", "--publish", frames.endpoint.text,
        ])
        let hasBegun = try eventually {
            _ = try frames.socket.wait(for: .readable, timeout: .milliseconds(50))
            if case .message = try frames.socket.receive(maximumParts: 5) { return true }
            return false
        }
        #expect(hasBegun)
        replay.interrupt()
        let run = replay.finished()
        #expect(run.code == 130)
        #expect(run.words.contains("Interrupted; sent"))
    }

    @Test func `Ctrl-C ends the wait for a daemon`() throws {
        let replay = try Program([
            "replay", fixture("ptbxl/00017_hr"), "--wait-seconds", "3600", "--publish", freshEndpoint().text,
        ])
        #expect(eventually { replay.saidSoFar.contains("not a medical device") })
        replay.interrupt()
        #expect(replay.finished().code == 130)
    }

    @Test func `watch prints each event's bytes and says what it missed`() throws {
        let events = try Bound(.xpub)
        let watch = try Program([
            "watch", "--json", "--kind", "tech", "--patient", "p0001", "--count", "3", "--events",
            events.endpoint.text,
        ])
        var prefixes: Set<String> = []
        let hasSubscribed = try eventually {
            _ = try events.socket.wait(for: .readable, timeout: .milliseconds(20))
            while case .message(let parts) = try events.socket.receive(maximumParts: 1) {
                if let notice = SubscriptionNotice(parts) {
                    prefixes.insert(String(decoding: notice.prefix, as: UTF8.self))
                }
            }
            return prefixes.count == 2
        }
        #expect(hasSubscribed)
        #expect(prefixes == ["ev1._.tech.p0001.", "ev1._.heartbeat._."])
        let bodies = [1, 2, 7].map { envelope($0) }
        for body in bodies { _ = try events.socket.send([Array("ev1._.tech.p0001.".utf8), body]) }
        let run = watch.finished()
        #expect(run.code == 0)
        #expect(run.lines.map { Array($0.utf8) } == bodies)
        #expect(run.words.contains("4 events were missed") && run.words.contains("3 events, 4 missed"))
    }

    @Test func `watch shows a fact with code, phase and detail, and a lost last event by the heartbeat`()
        throws
    {
        let events = try Bound(.xpub)
        let watch = try Program(["watch", "--events", events.endpoint.text])
        var count = 0
        let hasSubscribed = try eventually {
            _ = try events.socket.wait(for: .readable, timeout: .milliseconds(20))
            while case .message = try events.socket.receive(maximumParts: 1) { count += 1 }
            // All kinds but vital signs, which come where they are asked for.
            return count == EventKind.allCases.count - 1
        }
        #expect(hasSubscribed)
        let topic = "ev1._.tech.p0001."
        let fact: JSONObject = [
            "code": .string("LATE"), "phase": .string("start"), "detail": .string("too late"),
        ]
        _ = try events.socket.send([Array(topic.utf8), envelope(1, fact)])
        let heads: JSONObject = ["heads": .object(JSONObject([(topic, .integer(3))]))]
        _ = try events.socket.send([Array("ev1._.heartbeat._.".utf8), envelope(1, heads)])
        #expect(eventually { watch.saidSoFar.contains("2 events were missed") })
        // No further heartbeat comes.
        #expect(eventually { watch.saidSoFar.contains("no heartbeat for 3 s") })
        watch.interrupt()
        let run = watch.finished()
        #expect(run.code == 130)
        #expect(run.output == "2026-01-02T03:04:05.678Z  p0001  LATE start  too late\n")
        #expect(run.words.contains("1 event, 2 missed"))
    }
}
