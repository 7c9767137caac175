import ECGSignal
import Findings
import Foundation
import SwiftProtobuf
import TestSupport
import Testing
import Wire
import WireMessages
import ZeroMQ

/// The control socket: questions of dashboards and of strangers.
@Suite struct ControlTests {
    @Test func `HELLO tells versions, limits and the run that is on the events`() throws {
        let daemon = try LiveDaemon(["--streams-max", "9"])
        defer { daemon.end() }
        let hello = try Asker(daemon).ask(#"{"op":"HELLO","request":"h1"}"#)
        #expect(hello["ok"] == .bool(true))
        #expect(hello["more"] == .bool(false))
        #expect(hello["request"]?.text == "h1")
        #expect(
            hello["protocol"]?.object
                == ["ecg": .integer(1), "ev": .integer(1), "schema": .integer(1), "wv": .integer(1)]
        )
        #expect(hello["endpoints"]?.object?["waves"]?.text?.hasPrefix("tcp://127.0.0.1:") == true)
        #expect(hello["limits"]?.object?["streams_max"]?.whole == 9)
        #expect(hello["limits"]?.object?["frame_bytes_max"]?.whole == 262_144)
        let listener = try Listener(daemon)
        #expect(try listener.hears("a heartbeat") { $0.isHeartbeat && $0.event["run"] == hello["run"] })
    }

    @Test func `a prefix as long as HELLO allows is taken, a longer one costs the reader its link`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let limits = try Asker(daemon).ask(#"{"op":"HELLO","request":"h"}"#)["limits"]?.object
        #expect(limits?["subscriptions_max"] == .null)
        let most = Int(try #require(limits?["subscription_bytes_max"]?.whole))
        func reader(prefixBytes count: Int) throws -> Socket {
            let socket = try Socket(.sub, in: try Context(), options: SocketOptions())
            try socket.subscribe([UInt8](repeating: 0x61, count: count))
            try socket.subscribe(Array("ev1.".utf8))
            try socket.connect(daemon.events)
            return socket
        }
        let long = try reader(prefixBytes: most + 1)
        let fitting = try reader(prefixBytes: most)
        var heard = 0
        let isHeard = try eventually {
            let ready = try fitting.wait(for: .readable, timeout: .milliseconds(20))
            if !ready.isEmpty, try fitting.receive(maximumParts: 2) != .nothing { heard += 1 }
            return heard >= 3
        }
        #expect(isHeard, "heartbeats come")
        #expect(try long.receive(maximumParts: 2) == .nothing)
    }

    @Test func `STATUS says how far a stream is from its first window, STREAMS balances its ledger`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let stream = StreamIdentity(patient: "p1", device: "d1", epoch: 1)
        let record = try SentRecord("ptbxl/00017_hr")
        let sender = try daemon.sender()
        let messages = try record.messages(stream, 0..<3_700, every: 100)
        // One lost, one twice.
        try sender.send(messages.enumerated().filter { $0.offset != 30 }.map(\.element) + [messages[29]])
        let asker = try Asker(daemon)
        let isSaid = try eventually {
            let starting = try asker.status()["starting"]?.array ?? []
            return starting.compactMap(\.object).contains {
                // A test that is held up for 2 s finds it silent.
                $0["stream"]?.text == stream.name
                    && ["starting, 7.4 of 10 s", "silent, 7.4 of 10 s"].contains($0["why"]?.text)
            }
        }
        #expect(isSaid)
        var facts: JSONObject = [:]
        var leads: [JSONObject] { facts["leads"]?.array?.compactMap(\.object) ?? [] }
        let isCounted = try eventually {
            facts = try asker.streams().first ?? [:]
            return leads.first?["duplicate"]?.whole == 100
        }
        #expect(isCounted, "the frame sent twice is the last")
        #expect(facts["stream"]?.text == stream.name)
        #expect(facts["window"] == .null)
        #expect(["starting", "silent"].contains(facts["state"]?.text))
        #expect(leads.count == 12)
        #expect(leads.allSatisfy { $0["contact"]?.text == "unknown" } && facts["battery_percent"] == .null)
        #expect(facts["duplicate_chunks"]?.whole == 1)
        for lead in leads {
            let count = { (name: String) in lead[name]?.whole ?? -1 }
            #expect(count("received") == 3_700)
            #expect(count("duplicate") == 100)
            let parts = ["analysed", "duplicate", "late", "conflict", "refused", "held"].map(count)
            #expect(parts.reduce(0, +) == count("received"))
            #expect(lead["rate"]?.real == 500)
        }
        // The rest of ten seconds makes it live.
        try sender.send(try record.messages(stream, 3_700..<5_500, every: 100))
        #expect(try eventually { try asker.streams().first?["state"]?.text == "live" })
        #expect(try asker.streams().first?["window"]?.whole == 0)
        #expect(try eventually { try asker.streams().first?["missing"]?.whole == 1 }, "the one that was lost")
    }

    @Test func `what a device says of electrode and battery, and who was refused what, can be asked for`()
        throws
    {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let sender = try daemon.sender()
        func message(_ device: String, gain: Double = 1_000) throws -> [[UInt8]] {
            try ChunkEncoder.frames(
                OutgoingChunk(
                    stream: StreamIdentity(patient: "p1", device: device, epoch: 1),
                    sequence: 1,
                    firstSample: 0,
                    rate: .grid,
                    nanovoltsPerUnit: gain,
                    encoding: .int16,
                    leads: [
                        OutgoingLead(
                            lead: .ii,
                            samples: .integers(Array(repeating: 0, count: 500)),
                            facts: LeadFacts(contact: .off)
                        )
                    ],
                    device: DeviceFacts(batteryPercent: 17)
                )
            )
        }
        try sender.send(message("d1"))
        for device in ["d2", "d3", "d3"] {
            var broken = try message(device)
            broken[1].removeLast()
            try sender.send(broken)
        }
        let asker = try Asker(daemon)
        #expect(try eventually { try asker.status()["frames"]?.whole == 4 })
        #expect(try eventually { try asker.streams().first?["battery_percent"]?.whole == 17 })
        let leads = try asker.streams().first?["leads"]?.array?.compactMap(\.object) ?? []
        #expect(leads.map { $0["contact"]?.text } == ["off"])
        let told = try asker.status()["refused_senders"]?.array?.compactMap(\.object) ?? []
        #expect(told.map { $0["device"]?.text } == ["d2", "d3"])
        #expect(told.allSatisfy { $0["patient"]?.text == "p1" && $0["endpoint"]?.text != nil })
        let counts = told.map { $0["codes"]?.object?["DECODE"]?.object?["count"]?.whole }
        #expect(counts == [1, 2])
    }

    @Test func `STATUS says that the electrodes are off where they are`() throws {
        let daemon = try LiveDaemon(["--idle-seconds", "3600"])
        defer { daemon.end() }
        let stream = StreamIdentity(patient: "p1", device: "d1", epoch: 1)
        let sender = try daemon.sender()
        let messages = try SentRecord("ptbxl/00017_hr").messages(stream, 0..<3_000, every: 250)
        let asker = try Asker(daemon)
        var why: String?
        let isSaid = try eventually {
            // A stream that is silent is that first of all, so it is kept going.
            for parts in messages {
                var chunk = try Shinden_V1_LeadChunk(serializedBytes: parts[1])
                for index in chunk.leads.indices { chunk.leads[index].contact = .off }
                try sender.send([parts[0], try chunk.serializedBytes()])
            }
            let starting = try asker.status()["starting"]?.array?.compactMap(\.object) ?? []
            why = starting.first?["why"]?.text
            return why == "electrodes off"
        }
        #expect(isSaid, "\(why ?? "nothing")")
    }

    @Test func `LABELS gives every statement of the catalogue, page by page`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let asker = try Asker(daemon)
        var ids: [String] = []
        var pages = 0
        var next: Int64? = 0
        while let from = next, pages < 100 {
            let reply = try asker.ask(#"{"op":"LABELS","request":"l","from":\#(from)}"#)
            let page = reply["labels"]?.array?.compactMap(\.object) ?? []
            #expect(page.allSatisfy { $0["ja"]?.text != nil && $0["use"]?.text != nil })
            ids += page.compactMap { $0["id"]?.text }
            pages += 1
            next = reply["more"] == .bool(true) ? try #require(reply["next"]?.whole) : nil
        }
        #expect(pages > 1)
        #expect(ids == Catalogue.shipped.statements.map(\.id))
        #expect(try asker.ask(#"{"op":"LABELS","request":"l","from":9999}"#)["labels"] == .array([]))
    }

    @Test(arguments: [
        ("", "BAD_JSON"), ("{", "BAD_JSON"), ("[]", "BAD_JSON"), ("\"STATUS\"", "BAD_JSON"),
        ("{\"op\":\"S\u{0}\"}", "BAD_JSON"),
        (#"{"op":"LABELS","from":-1}"#, "BAD_JSON"), (#"{"op":"LABELS","from":"1"}"#, "BAD_JSON"),
        (#"{"op":"LABELS","from":9223372036854775807}"#, "BAD_JSON"), ("{}", "UNKNOWN_OP"),
        (#"{"op":"status"}"#, "UNKNOWN_OP"),
        (#"{"op":7}"#, "UNKNOWN_OP"),
    ])
    func `P01 a request that cannot be answered is told so`(request: String, code: String) throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let asker = try Asker(daemon)
        let reply = try asker.ask(request)
        #expect(reply["ok"] == .bool(code.isEmpty))
        #expect((reply["code"]?.text ?? "") == code)
        #expect(reply["request"] == .null)
        #expect(try asker.status()["ready"] == .bool(true), "the next one is answered")
    }

    @Test func `P01 bytes that are no request neither stop the others nor the daemon`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let good = try Asker(daemon)
        let bad = try Asker(daemon)
        for parts in [1, 2, 3, 5, 6, 40] {
            try bad.send(Array(repeating: [0xFF, 0x00, 0x7B], count: parts))
            #expect(try good.status()["ready"] == .bool(true))
        }
        let deep = String(repeating: "[", count: 60_000)
        #expect(try Asker(daemon).ask(deep)["code"]?.text == "BAD_JSON")
        // Above 64 KiB nothing is read, and the asker is told so.
        let long = try Asker(daemon)
        let filled = #"{"op":"STATUS","request":"long","filler":""# + String(repeating: "x", count: 70_000)
        #expect(try long.ask(filled + #""}"#)["code"]?.text == "TOO_LARGE")
        #expect(try long.status()["ready"] == .bool(true))
        // Above 256 KiB the asker loses its link and finds it again; the neighbour notices nothing.
        let large = try Asker(daemon)
        try large.send([[UInt8](repeating: 0x20, count: 300_000)])
        #expect(try good.status()["ready"] == .bool(true))
        // What stood behind the large frame may be lost with the link, so it asks until it is answered.
        let request = #"{"op":"STATUS","request":"again"}"#
        #expect(eventually { (try? large.ask(request, within: .milliseconds(200)))?["ok"] == .bool(true) })
        #expect(daemon.stop() == 0)
    }

    @Test func `a REQ is answered in kind`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        #expect(try Asker(daemon, likeREQ: true).status()["ready"] == .bool(true))
        let code = """
            import sys, zmq
            socket = zmq.Context().socket(zmq.REQ)
            socket.connect(sys.argv[1])
            for number in range(2):
                socket.send(b'{"op":"STATUS","request":"%d"}' % number)
                print(socket.recv().decode(), flush=True)
            """
        let asker = try Python.lines(code, [daemon.control.text])
        defer { asker.end() }
        #expect(asker.exitCode() == 0)
        let replies = try asker.lines.map { try JSONValue(parsing: Array($0.utf8)).object?["request"]?.text }
        #expect(replies == ["0", "1"])
    }
}
