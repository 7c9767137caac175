import ECGSignal
import TestSupport
import Testing

@testable import Wire

/// What is asked and answered at the control socket reads back as it was written.
@Suite struct ControlFormatTests {
    @Test(
        arguments: [
            ControlRequest.Operation.hello, .status, .streams, .labels, .snapshot, .metrics, .roster,
        ],
        [0, 50]
    )
    func `a question reads back as it was asked`(operation: ControlRequest.Operation, from: Int) {
        let asked = ControlRequest(operation, name: "q", from: from)
        let (name, read) = ControlRequest.parse(asked.bytes)
        #expect(name == "q")
        // Nothing of HELLO has pages.
        #expect(read == .success(operation == .hello ? ControlRequest(.hello, name: "q") : asked))
    }

    @Test(arguments: [ControlRequest.Operation.streams, .snapshot, .roster])
    func `a ward's patients are asked for, and _ is all of them`(operation: ControlRequest.Operation) {
        let asked = ControlRequest(operation, name: "q", from: 50, ward: "3")
        #expect(ControlRequest.parse(asked.bytes).1 == .success(asked))
        let all = Array(#"{"op":"\#(operation.rawValue)","request":"q","ward":"_"}"#.utf8)
        #expect(ControlRequest.parse(all).1 == .success(ControlRequest(operation, name: "q")))
    }

    @Test(arguments: [
        ControlOrder.acknowledge(alarmID: String(repeating: "a", count: 32), seen: nil),
        .acknowledge(
            alarmID: String(repeating: "0", count: 32),
            seen: String(repeating: "f", count: 32)
        ),
        .order(.pause(.audio, seconds: 600), .everyone), .order(.pause(.alarm, seconds: 1), .patient("p1")),
        .order(.pause(.audio, seconds: 60), .ward("3")),
        .order(.pause(.alarm, seconds: 0), .everyone), .order(.standby(true), .patient("p1")),
        .order(.standby(false), .patient("p1")),
        .order(.baseline(statement: "atrial_fibrillation", isAccepted: true), .patient("p1")),
        .order(.baseline(statement: "bigeminy", isAccepted: false), .patient("p1")),
        .order(.limits(nil), .patient("p1")), .order(.limits(LimitOrder(.adult)), .patient("p1")),
        .order(.limits(LimitOrder(st: .standard)), .patient("p1")),
        .order(.discharge, .patient("p1")),
    ])
    func `a request to do something reads back as it was asked`(order: ControlOrder) {
        let asked = ControlRequest(order, name: "q")
        let (name, read) = ControlRequest.parse(asked.bytes)
        #expect(name == "q")
        #expect(read == .success(asked))
        let named = ControlRequest(order, name: "q", user: "kana.s-1_2")
        #expect(ControlRequest.parse(named.bytes).1 == .success(named))
    }

    @Test(arguments: [
        (#""op":"ACK""#, "BAD_JSON"), (#""op":"ACK","alarm_id":"abc""#, "BAD_JSON"),
        (#""op":"ACK","alarm_id":5"#, "BAD_JSON"),
        (#""op":"ACK","alarm_id":"ABCDEF00ABCDEF00ABCDEF00ABCDEF00""#, "BAD_JSON"),
        (#""op":"ACK","alarm_id":"abcdef00abcdef00abcdef00abcdef00","seen":"x""#, "BAD_JSON"),
        (#""op":"PAUSE","patient":"p","seconds":601,"kind":"audio""#, "BAD_JSON"),
        (#""op":"PAUSE","patient":"p","seconds":-1,"kind":"audio""#, "BAD_JSON"),
        (#""op":"PAUSE","patient":"p","seconds":1.5,"kind":"audio""#, "BAD_JSON"),
        (#""op":"PAUSE","patient":"p","seconds":60,"kind":"light""#, "BAD_JSON"),
        (#""op":"PAUSE","seconds":60,"kind":"audio""#, "BAD_JSON"),
        (#""op":"PAUSE","patient":"p","ward":"_","seconds":60,"kind":"audio""#, "BAD_JSON"),
        (#""op":"PAUSE","ward":"_","seconds":60,"kind":"alarm""#, "BAD_JSON"),
        (#""op":"PAUSE","ward":"3","seconds":60,"kind":"alarm""#, "BAD_JSON"),
        (#""op":"PAUSE","ward":"a b","seconds":60,"kind":"audio""#, "BAD_JSON"),
        (#""op":"ROSTER","ward":"a b""#, "BAD_JSON"), (#""op":"SNAPSHOT","ward":3"#, "BAD_JSON"),
        (#""op":"PAUSE","patient":"a b","seconds":60,"kind":"audio""#, "BAD_JSON"),
        (#""op":"STANDBY""#, "BAD_JSON"), (#""op":"STANDBY","patient":"p","on":1"#, "BAD_JSON"),
        (#""op":"BASELINE","patient":"p""#, "BAD_JSON"), (#""op":"DISCHARGE","ward":"_""#, "BAD_JSON"),
        (#""op":"LIMITS","patient":"p","st_change_uv":49"#, "BAD_JSON"),
        (#""op":"LIMITS","patient":"p","st_change_uv":100.5"#, "BAD_JSON"),
        (#""op":"LIMITS","patient":"p","st_baseline_uv":{"V7":10}"#, "BAD_JSON"),
        (#""op":"LIMITS","patient":"p","st_baseline_uv":{"ii":10}"#, "BAD_JSON"),
        (#""op":"LIMITS","patient":"p","st_baseline_uv":{"II":"10"}"#, "BAD_JSON"),
        (#""op":"LIMITS","patient":"p","st_baseline_uv":{"II":5001}"#, "BAD_JSON"),
        (#""op":"LIMITS","patient":"p","st_baseline_uv":[10]"#, "BAD_JSON"),
        (#""op":"LIMITS","patient":"p","default":true,"st_change_uv":100"#, "BAD_JSON"),
        (#""op":"LIMITS","patient":"p""#, "BAD_JSON"), (#""op":"LIMITS","high":130"#, "BAD_JSON"),
        (#""op":"LIMITS","patient":"p","high":130,"default":true"#, "BAD_JSON"),
        (#""op":"LIMITS","patient":"p","high":230"#, "BAD_JSON"),
        (#""op":"LIMITS","patient":"p","high":110.5"#, "BAD_JSON"),
        (#""op":"LIMITS","patient":"p","high":99999999999999999999"#, "BAD_JSON"),
        (#""op":"LIMITS","patient":"p","low":100,"high":90"#, "BAD_JSON"),
        (#""op":"LIMITS","patient":"p","default":1"#, "BAD_JSON"),
        (#""op":"DISCHARGE","patient":"p","user":"""#, "BAD_JSON"),
        (#""op":"DISCHARGE","patient":"p","user":"two words""#, "BAD_JSON"),
        (#""op":"DISCHARGE","patient":"p","user":7"#, "BAD_JSON"),
        (#""op":"FORGET""#, "UNKNOWN_OP"),
    ])
    func `a request that cannot be done as it is asked is refused with its code`(
        members: String,
        code: String
    ) {
        let (name, read) = ControlRequest.parse(Array("{\(members),\"request\":\"q\"}".utf8))
        #expect(name == "q")
        guard case .failure(let problem) = read else {
            Issue.record("taken: \(members)")
            return
        }
        #expect(problem.code == code)
    }

    @Test func `a question that cannot be read is answered by its name`() throws {
        let (name, read) = ControlRequest.parse(Array(#"{"op":"LABELS","request":"q","from":-1}"#.utf8))
        let reply = try #require(
            ControlReply(parsing: ControlReply.bytes(answering: name, with: read.map { _ in [:] }))
        )
        #expect(reply.name == "q")
        #expect(reply.problem == .unreadable("from is the number that next gave"))
        #expect(!reply.hasMore && reply.next == nil)
    }

    @Test(arguments: [0, 1, 49, 50, 51, 100, 149])
    func `the pages of a list give every entry once, in order`(count: Int) throws {
        let all = (0..<count).map { Int64($0) }
        var read: [Int64] = []
        var next: Int? = 0
        while let from = next, read.count <= count {
            let page = ControlReply.page(of: all, from: from, as: "list") { ["entry": .integer($0)] }
            let bytes = ControlReply.bytes(answering: "q", with: .success(page))
            let reply = try #require(ControlReply(parsing: bytes))
            #expect(reply.problem == nil)
            #expect(reply.entries("list").count <= ControlReply.pageCount)
            read += reply.entries("list").compactMap { $0["entry"]?.whole }
            next = reply.next
        }
        #expect(read == all)
    }

    @Test func `a page beyond the last entry is empty and the last`() {
        let page = ControlReply.page(of: [1], from: .max, as: "list") { _ in [:] }
        #expect(page["list"] == .array([]) && page["more"] == .bool(false))
    }

    @Test func `a stream's report reads back as it was written`() {
        var ledger = Ledger()
        ledger.received = 9
        ledger.analysed = 3
        ledger.duplicate = 1
        ledger.conflict = 2
        ledger.late = 1
        ledger.refused = 1
        ledger.held = 1
        let report = StreamReport(
            stream: "p.d.0000000000000001",
            patient: "p",
            device: "d",
            epoch: "0000000000000001",
            state: "closed",
            why: "idle",
            logName: "s1",
            newestWindow: 512,
            withheld: "quality",
            quality: "limited",
            leads: [
                .init(
                    name: "II",
                    track: 2,
                    hertz: 512.617,
                    ledger: ledger,
                    contact: "off",
                    faults: ["electrode_off"]
                ),
                .init(name: "V1", track: nil, hertz: nil, ledger: Ledger(), contact: "unknown"),
            ],
            refused: [.init(code: "LATE", count: 3), .init(code: "RANGE", count: 1)],
            missingChunks: 4,
            duplicateChunks: 5,
            batteryPercent: 66,
            driftPartsPerMillion: -12.5,
            offsetUncertaintyMilliseconds: 3.5,
            isRateMismatched: false
        )
        #expect(StreamReport(report.object) == report)
    }

    @Test func `a status reads back as it was written, with one page of its senders`() throws {
        let facts = ServiceFacts(
            isReady: true,
            model: "m",
            openStreams: 1,
            streamsMax: 2,
            framesReceived: 3,
            eventsPublished: 4,
            peers: 5,
            linksDropped: 6,
            uptimeSeconds: 7
        )
        let endpoints = [
            StatusReport.Endpoint(name: "a", codes: [.init(code: "LATE", count: 2)]),
            StatusReport.Endpoint(
                name: "b",
                codes: [.init(code: "CRC", count: 1), .init(code: "TOPIC", count: 8)]
            ),
        ]
        let senders = (0..<60).map {
            StatusReport.RefusedSender(
                endpoint: "a",
                patient: $0 == 0 ? nil : "p\($0)",
                device: $0 == 0 ? nil : "d",
                codes: [.init(code: "FULL", count: $0, detail: "why")]
            )
        }
        let links = [
            StatusReport.Endpoint(
                name: "a",
                codes: [.init(code: "peer_refused", count: 3, detail: "its socket is no PUB")]
            )
        ]
        let waiting = [StatusReport.Waiting(stream: "p.d.1", why: "electrodes off")]
        let object = StatusReport.object(
            facts,
            endpoints: endpoints,
            links: links,
            senders: senders,
            from: 0,
            waiting: waiting
        )
        let bytes = ControlReply.bytes(answering: nil, with: .success(object))
        let reply = try #require(ControlReply(parsing: bytes))
        let read = StatusReport(reply)
        #expect(read.service == facts && read.endpoints == endpoints && read.waiting == waiting)
        #expect(read.links == links)
        #expect(read.senders == Array(senders[..<50]))
        #expect(reply.next == 50 && reply.name == nil)
    }

    @Test func `pages of a snapshot reach as far as the smaller of a topic's heads`() throws {
        func page(_ heads: [(topic: String, number: UInt64)], next: Int?) throws -> ControlReply {
            let object = SnapshotReport.object(
                [],
                ward: { _ in "_" },
                heads: heads,
                settings: [],
                run: "0000000000000001",
                next: next
            )
            return try #require(
                ControlReply(parsing: ControlReply.bytes(answering: nil, with: .success(object)))
            )
        }
        let pages = [try page([("a", 7), ("b", 3)], next: 50), try page([("a", 9)], next: nil)]
        let heads = SnapshotHeads(pages)
        #expect(heads.reach(7, of: "a") && !heads.reach(8, of: "a"))
        #expect(heads.reach(3, of: "b") && !heads.reach(4, of: "b"))
        #expect(!heads.reach(1, of: "c") && !SnapshotHeads().reach(1, of: "a"))
    }

    @Test func `a heartbeat's page and a technical event's facts are read from what is published`() throws {
        let pages = ServiceEventFormat.heartbeatPages(
            run: "r",
            counter: 7,
            heads: [("ev1._.tech.a.", 3), ("ev1._.tech.b.", 9)],
            source: "/shinden/test",
            time: 0
        )
        let beat = try #require(JSONValue(parsing: pages[0]).object)
        #expect(EventPlace(of: beat).map { $0.run == "r" && $0.number == 7 } == true)
        let page = HeartbeatPage(of: beat)
        #expect(page.isLast && page.heads.map(\.topic) == ["ev1._.tech.a.", "ev1._.tech.b."])
        #expect(page.heads.map(\.number) == [3, 9])
        #expect(TechnicalFacts(of: beat) == nil)
    }
}
