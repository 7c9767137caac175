import ECGSignal
import Findings
import TestSupport

@testable import Gateway
@testable import Station

/// Gateways, a network, a daemon and its disk under one seed: the same seed gives the same world, turn by turn.
///
/// What decides is the real code, `AcknowledgedStream` on one side and `ReceiptBook` with `LoggedReceipts` on the other;
/// sockets, clock and disk are played.
struct World {
    /// A way in which the daemon's side can be broken on purpose, to see that the laws notice.
    enum Sabotage { case none, acknowledgesAtOnce, forgetsAtRestart, waitsForHoles }

    private struct Letter {
        let turn: Int
        let order: Int
        let content: Content
    }

    private enum Content {
        case toDaemon(gateway: Int, socket: Int, run: Int, Outgoing)
        case toGateway(gateway: Int, socket: Int, GatewayReply)
    }

    private struct Outgoing {
        let words: AcknowledgedStream.Outgoing
        let stream: StreamIdentity
        let check: UInt32
    }

    private var generator: SeededGenerator
    private let troubles: Troubles
    private let sabotage: Sabotage
    private var gateways: [SimulatedGateway] = []
    private var disk = SimulatedDisk()
    private var book: ReceiptBook?
    private var run = 0
    private var restartAt = 0
    private var letters: [Letter] = []
    private var order = 0
    private var turn = 0
    /// The turn in which the newest letter of each way arrives, where they keep their order.
    private var newestArrival: [String: Int] = [:]
    private var isCalm = false
    private(set) var hits: [Fault: Int] = [:]
    private(set) var violations: [String] = []
    /// Everything that was sent, in one number.
    private(set) var trace: UInt64 = 0
    private(set) var chunkCount = 0

    init(seed: UInt64, sabotage: Sabotage = .none) {
        var generator = SeededGenerator(seed: seed)
        troubles = Troubles(&generator)
        self.sabotage = sabotage
        for number in 0..<Int.random(in: 1...3, using: &generator) {
            gateways.append(SimulatedGateway(number, &generator))
        }
        self.generator = generator
        startDaemon()
    }

    private var now: MonotonicNanoseconds { MonotonicNanoseconds(turn) * Troubles.turn }
    private var losesPower: Bool { troubles.level }

    private mutating func hit(_ fault: Fault) { hits[fault, default: 0] += 1 }

    private mutating func violate(_ words: String) {
        if violations.count < 5 { violations.append("turn \(turn): \(words)") }
    }

    /// Lives until all is acknowledged, or until that cannot be hoped for any more.
    mutating func live() {
        let end = troubles.turns + 8_000
        while turn < end {
            turn += 1
            isCalm = turn > troubles.turns
            strike()
            deliver()
            daemonTurn()
            gatewayTurn()
            if !violations.isEmpty { return }
            if isCalm, gateways.allSatisfy(\.isComplete) { break }
        }
        if !gateways.allSatisfy(\.isComplete) { violate("a stream is stalled for ever") }
        judgeLog()
    }

    // MARK: what goes wrong

    private mutating func strike() {
        if book == nil, turn >= restartAt { startDaemon() }
        if isCalm {
            // A daemon whose log has failed is started anew by its operator.
            if disk.hasFailed { crashDaemon(losingPower: false) }
            return
        }
        if book != nil, troubles.kill.happens(&generator) {
            let losesPower = losesPower && Bool.random(using: &generator)
            hit(losesPower ? .powerLost : .daemonKilled)
            crashDaemon(losingPower: losesPower)
        }
        if troubles.slowDisk.happens(&generator) {
            hit(.diskSlow)
            disk.stall(until: turn + .random(in: 5...150, using: &generator))
        }
        if book != nil, troubles.failingDisk.happens(&generator) {
            hit(.diskFailed)
            disk.fail()
            book?.failLog()
        }
        for place in gateways.indices {
            if troubles.cut.happens(&generator) {
                hit(.connectionCut)
                gateways[place].reconnect()
            }
            if troubles.restart.happens(&generator) {
                hit(.gatewayRestarted)
                gateways[place].reconnect()
            }
            if troubles.newEpoch.happens(&generator),
                let stream = gateways[place].streams.indices.first(where: {
                    !gateways[place].streams[$0].isAbandoned
                })
            {
                hit(.countersLost)
                gateways[place].begin(insteadOf: stream, &generator)
                gateways[place].reconnect()
            }
        }
    }

    private mutating func startDaemon() {
        run += 1
        var receipts = disk.begin()
        if sabotage == .forgetsAtRestart { receipts = LoggedReceipts(journal: 77) }
        book = ReceiptBook(receipts)
    }

    private mutating func crashDaemon(losingPower: Bool) {
        if disk.crash(losesPower: losingPower, &generator) { hit(.writeTorn) }
        book = nil
        restartAt = turn + .random(in: 1...60, using: &generator)
        letters.removeAll { if case .toDaemon = $0.content { true } else { false } }
        for place in gateways.indices {
            // Some gateways are told at once that the link is gone, some find out by the silence.
            if Bool.random(using: &generator) { gateways[place].reconnect() } else { hit(.restartUnnoticed) }
        }
    }

    // MARK: the network

    private mutating func send(_ content: Content, by way: String) {
        if !isCalm, troubles.loss.happens(&generator) {
            hit(.messageLost)
            return
        }
        let copies = !isCalm && troubles.doubling.happens(&generator) ? 2 : 1
        if copies == 2 { hit(.messageDoubled) }
        for _ in 0..<copies {
            var arrival = turn + .random(in: 0...troubles.latency, using: &generator)
            let newest = newestArrival[way] ?? 0
            if troubles.isOrdered || isCalm {
                arrival = max(arrival, newest)
            } else if arrival < newest {
                hit(.messageOvertaken)
            }
            newestArrival[way] = max(newest, arrival)
            order += 1
            letters.append(Letter(turn: arrival, order: order, content: content))
        }
    }

    private mutating func deliver() {
        let due = letters.filter { $0.turn <= turn }.sorted { ($0.turn, $0.order) < ($1.turn, $1.order) }
        letters.removeAll { $0.turn <= turn }
        for letter in due {
            switch letter.content {
            case .toDaemon(let gateway, let socket, let run, let words):
                // A link that broke has a new routing id, whether or not the gateway knows.
                guard run == self.run || gateways[gateway].socket == socket else { continue }
                hear(
                    words,
                    from: [
                        UInt8(gateway), UInt8(truncatingIfNeeded: socket),
                        UInt8(truncatingIfNeeded: self.run),
                    ]
                )
            case .toGateway(let gateway, let socket, let reply):
                guard gateways[gateway].socket == socket else { continue }
                answer(reply, to: gateway)
            }
        }
    }

    // MARK: the daemon

    private mutating func reply(_ reply: GatewayReply, to connection: [UInt8]) {
        let gateway = Int(connection[0])
        guard UInt8(truncatingIfNeeded: gateways[gateway].socket) == connection[1] else { return }
        if case .acknowledgement(let words) = reply, words.durableThrough > words.receivedThrough {
            violate("durable through \(words.durableThrough), received through \(words.receivedThrough)")
        }
        send(.toGateway(gateway: gateway, socket: gateways[gateway].socket, reply), by: "from \(connection)")
    }

    private mutating func hear(_ message: Outgoing, from connection: [UInt8]) {
        guard book != nil else { return }
        let now = now
        switch message.words {
        case .hello(let hello):
            if let answer = book?.greet(hello, from: connection, at: now) { reply(answer, to: connection) }
        case .held(let held):
            if let answer = book?.hear(held, from: connection, at: now) { reply(answer, to: connection) }
        case .chunk(let number, _): take(number, message, from: connection)
        }
    }

    private mutating func take(_ number: UInt64, _ message: Outgoing, from connection: [UInt8]) {
        let now = now
        let verdict = book?.judge(
            number,
            of: message.stream.epoch,
            by: Sender(of: message.stream),
            check: message.check,
            from: connection,
            at: now
        )
        switch verdict {
        case .new(let stream)?:
            if !isCalm, troubles.damage.happens(&generator) {
                hit(.chunkDamaged)
                let words = ChunkRejection(
                    epoch: stream.epoch,
                    sequence: number,
                    code: "CRC",
                    detail: "",
                    retryMilliseconds: 100
                )
                return reply(.rejection(words), to: connection)
            }
            chunkCount += 1
            let record = SimulatedDisk.Record(stream: stream, number: number, check: message.check)
            let position = disk.append(record)
            if disk.hasFailed { book?.failLog() }
            book?.take(number, of: stream, check: message.check, position: position, at: now)
            if sabotage == .acknowledgesAtOnce, let position { book?.advance(through: position) }
        case .refused(let words)?: reply(.rejection(words), to: connection)
        case .known?, nil: break
        }
    }

    private mutating func daemonTurn() {
        guard book != nil else { return }
        disk.turn(turn)
        let (now, logged) = (now, losesPower ? disk.syncedThrough : disk.writtenThrough)
        book?.advance(through: logged)
        for (connection, words) in book?.takeAnswers(at: now) ?? [] { reply(words, to: connection) }
        let streams = gateways.reduce(0) { $0 + $1.streams.count }
        let room = streams * 2 * Int(ReceivedNumbers.window) + SimulatedDisk.queueMax
        if let book, book.streamCount > streams || book.chunkCount > room {
            violate("\(book.chunkCount) chunks of \(book.streamCount) streams are remembered")
        }
    }

    // MARK: the gateways

    private mutating func gatewayTurn() {
        for place in gateways.indices {
            for stream in gateways[place].streams.indices {
                for _ in 0..<gateways[place].pace where gateways[place].measure(stream, &generator) {
                    hit(.chunkLetGo)
                }
                say(place, stream)
            }
            if gateways[place].streams.contains(where: { !$0.isAbandoned && $0.session.isStuck(at: now) }) {
                gateways[place].reconnect()
            }
        }
    }

    private mutating func say(_ place: Int, _ stream: Int) {
        guard !gateways[place].streams[stream].isAbandoned else { return }
        let now = now
        for _ in 0..<20 {
            guard var words = gateways[place].streams[stream].session.next(at: now) else {
                if gateways[place].streams[stream].session.isHeldBack { hit(.windowFull) }
                return
            }
            if sabotage == .waitsForHoles { words = World.silentOnHoles(words) }
            var check: UInt32 = 0
            if case .chunk(let number, _) = words {
                check = gateways[place].streams[stream].checks[Int(number) - 1]
            }
            let identity = gateways[place].streams[stream].session.stream
            trace = (trace ^ UInt64(check) ^ UInt64(turn)) &* 0x100_0000_01B3
            post(Outgoing(words: words, stream: identity, check: check), place)
            if !isCalm, case .chunk = words, troubles.reuse.happens(&generator) {
                hit(.numberReused)
                post(Outgoing(words: words, stream: identity, check: check ^ 1), place)
            }
        }
    }

    /// The same words as from a gateway that never tells what it let go of.
    private static func silentOnHoles(_ words: AcknowledgedStream.Outgoing) -> AcknowledgedStream.Outgoing {
        switch words {
        case .hello(var hello):
            hello.oldestHeld = 1
            return .hello(hello)
        case .held(var held):
            held.oldestHeld = 1
            return .held(held)
        case .chunk: return words
        }
    }

    private mutating func post(_ words: Outgoing, _ place: Int) {
        let socket = gateways[place].socket
        send(.toDaemon(gateway: place, socket: socket, run: run, words), by: "to \(place).\(socket).\(run)")
    }

    private mutating func answer(_ reply: GatewayReply, to place: Int) {
        let now = now
        for index in gateways[place].streams.indices
        where gateways[place].streams[index].session.stream.epoch == reply.epoch {
            let lost = gateways[place].streams[index].session.lostCount
            gateways[place].streams[index].session.take(reply, at: now)
            if case .rejection(let words) = reply, gateways[place].streams[index].session.lostCount > lost {
                gateways[place].streams[index].letGo.insert(words.sequence)
            }
            if let reason = gateways[place].streams[index].session.stopReason {
                violate("stopped: \(reason)")
            }
            let stream = gateways[place].streams[index]
            let durable = min(stream.session.durableThrough, UInt64(stream.checks.count))
            guard durable > stream.forgotten else { continue }
            for number in stream.forgotten + 1...durable
            where !stream.letGo.contains(number)
                && !disk.isSafe(number, of: stream.session.stream, fromPowerLoss: losesPower)
            {
                violate("\(stream.session.stream.name): chunk \(number) is acknowledged and would be lost")
            }
            gateways[place].streams[index].forgotten = durable
        }
    }

    // MARK: the log at the end

    private mutating func judgeLog() {
        var found: [StreamIdentity: [UInt64: UInt32]] = [:]
        for record in disk.records
        where found[record.stream, default: [:]].updateValue(record.check, forKey: record.number) != nil {
            violate("\(record.stream.name): chunk \(record.number) is in the log twice")
        }
        for stream in gateways.flatMap(\.streams) where !stream.isAbandoned {
            let name = stream.session.stream.name
            let logged = found[stream.session.stream] ?? [:]
            for (place, check) in stream.checks.enumerated() {
                let number = UInt64(place + 1)
                guard let kept = logged[number] else {
                    if !stream.letGo.contains(number) { violate("\(name): chunk \(number) is lost") }
                    continue
                }
                // A damaged copy that overtakes the right one is kept, as the first.
                if kept != check, kept != check ^ 1 {
                    violate("\(name): chunk \(number) has another content")
                }
            }
        }
    }
}
