import ECGSignal
import Findings
import Pipeline
import Policy
import TestSupport
import Testing
import Wire

@testable import Station

/// What is decided is a function of the log alone.
@Suite struct LogLaws {
    /// Raw entries as an ingest thread would log them: streams of random gateways, damaged messages, ticks, and what people
    /// ask for.
    private func log(_ generator: inout SeededGenerator) throws -> [LoggedEntry<RawMessage>] {
        var messages: [RawMessage] = []
        for stream in 0..<Int.random(in: 1...3, using: &generator) {
            var sent = SentStream.random(
                seconds: .random(in: 9...12, using: &generator),
                from: Lead.standard,
                using: &generator
            )
            let epoch = UInt64.random(in: 1...2, using: &generator)
            sent.identity = StreamIdentity(patient: "p\(stream)", device: "d\(stream / 2)", epoch: epoch)
            for chunk in disordered(
                sent.chunks(longest: 0.9, using: &generator),
                spread: 0.5,
                using: &generator
            ) { messages.append(try raw(chunk, &generator)) }
        }
        var now = 0.0
        var nextTick = 1.0
        var entries: [LoggedEntry<RawMessage>] = []
        for message in messages.shuffledALittle(using: &generator) {
            now += .random(in: 0...0.3, using: &generator)
            while nextTick <= now {
                let tick = LoggedEntry<RawMessage>.Content.tick(isQuiet: .random(using: &generator))
                entries.append(LoggedEntry(tick, at: arrival(nextTick)))
                nextTick += 1
            }
            entries.append(LoggedEntry(.frame(message, endpoint: "gateways"), at: arrival(now)))
            if let asked = asked(&generator) { entries.append(LoggedEntry(asked, at: arrival(now))) }
        }
        return entries + [LoggedEntry(.shutdown, at: arrival(now))]
    }

    /// Now and then somebody pauses, accepts, discharges, or the ward has another policy.
    private func asked(_ generator: inout SeededGenerator) -> LoggedEntry<RawMessage>.Content? {
        let order: OperatorCommand.Order
        switch Int.random(in: 0..<60, using: &generator) {
        case 0: order = .pause(.audio, seconds: .random(in: 0...5, using: &generator))
        case 1: order = .pause(.alarm, seconds: .random(in: 0...5, using: &generator))
        case 2: order = .standby(.random(using: &generator))
        case 3:
            let statement = ["bradycardia", "sinus_rhythm", "normal_ecg"].randomElement(using: &generator)
            order = .baseline(statement: statement ?? "", isAccepted: .random(using: &generator))
        case 4: order = .discharge
        case 6:
            order = .limits(
                [nil, LogLaws.narrow, LimitOrder(st: .standard)].randomElement(using: &generator) ?? nil
            )
        case 5: return .policy([.random(in: 0...1, using: &generator)])
        default: return nil
        }
        let patient = "p\(Int.random(in: 0...2, using: &generator))"
        return .command(OperatorCommand(order, target: .patient(patient), by: "anna", ticket: 0))
    }

    /// Limits that a calm heart crosses.
    private static let narrow = try? LimitOrder(
        PatientLimits(extremeLow: 50, low: 70, high: 80, extremeHigh: 100)
    )

    /// The policies that the logs of this test switch between.
    private static let policies: [PolicyTable] = {
        var settings = PolicySettings()
        for (id, seconds) in [("asystole", 8.0), ("bradycardia", 3.0)] {
            var statement = PolicySettings.Statement(id)
            statement.onsetSeconds = seconds
            if id == "bradycardia" { statement.threshold = .init(side: .below, onset: 80, end: 85) }
            settings.statements.append(statement)
        }
        return [.standard, (try? PolicyTable.standard.applying(settings)) ?? .standard]
    }()

    private func raw(_ chunk: LeadChunk, _ generator: inout SeededGenerator) throws -> RawMessage {
        if Int.random(in: 0..<50, using: &generator) == 0 { return .tooManyParts(6) }
        var parts = try ChunkEncoder.frames(
            OutgoingChunk(
                stream: chunk.stream,
                sequence: chunk.sequence,
                track: chunk.track,
                firstSample: chunk.firstSample,
                rate: chunk.rate,
                nanovoltsPerUnit: 1e6,
                encoding: .float32,
                leads: chunk.leads.map {
                    OutgoingLead(lead: $0.lead, isDerived: $0.isDerived, samples: .reals($0.millivolts))
                },
                isLast: Int.random(in: 0..<200, using: &generator) == 0
            )
        )
        if Int.random(in: 0..<20, using: &generator) == 0 {
            let part = Int.random(in: parts.indices, using: &generator)
            parts[part][Int.random(in: parts[part].indices, using: &generator)] ^= 1
        }
        return .parts(parts)
    }

    /// The bytes of every event, by stream and in canonical order within each.
    private func bytes(
        of entries: [LoggedEntry<RawMessage>],
        shards count: Int,
        isEager: Bool
    ) -> [[UInt8]] {
        var admission = Admission()
        var shards = (0..<count).map { _ in Shard(model: NarrowModel.shared, hop: .standard) }
        var decoder = ChunkDecoder()
        var events: [Event] = []
        var owners: [Int: Int] = [:]
        for entry in entries {
            for action in admission.take(entry.reading { decoder.judge($0) }) {
                switch action {
                case .publish(let event): events.append(event)
                case .deliver(let slot, let input):
                    if case .open(let first) = input {
                        owners[slot] = Sender(of: first.stream).owner(among: count)
                    }
                    events += shards[owners[slot] ?? 0].take(input, for: slot, at: entry.arrival)
                case .command(let command, let known):
                    for index in shards.indices {
                        let owned = known.filter { $0.owner(among: count) == index }
                        events += shards[index].perform(command, known: owned, at: entry.arrival).events
                    }
                case .memory, .recovering, .expect: break
                case .policy(let bytes):
                    for index in shards.indices {
                        events += shards[index].adopt(LogLaws.policies[Int(bytes[0])])
                    }
                }
            }
            for index in shards.indices where isEager {
                while let more = shards[index].step() { events += more }
            }
        }
        for index in shards.indices { while let more = shards[index].step() { events += more } }
        return canonical(events).map { EventFormat.canonical($0) }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    @Test func `P04 the same log gives the same bytes, whatever the number of workers and their pace`() throws
    {
        #expect(LogLaws.policies[0] != LogLaws.policies[1])
        var windows = 0
        var asked = 0
        for seed in seeds(60) {
            var generator = SeededGenerator(seed: seed)
            let entries = try log(&generator)
            let times = entries.map(\.arrival.monotonic)
            #expect(times == times.sorted(), "the test's own log, seed \(seed)")
            let first = bytes(of: entries, shards: 1, isEager: true)
            let again = bytes(of: entries, shards: Int.random(in: 1...3, using: &generator), isEager: false)
            let isSame = first == again
            #expect(isSame, "seed \(seed)")
            asked += first.count { Self.isOfPeople(String(decoding: $0, as: UTF8.self)) }
            windows += first.count { String(decoding: $0, as: UTF8.self).contains("shinden.diagnosis.v1") }
        }
        #expect(windows > 50)
        #expect(asked > 10, "what people ask for shows in the events")
    }

    private static func isOfPeople(_ event: String) -> Bool {
        ["paused", "pause_over", "standby", "baseline", "discharged"].contains {
            event.contains(#""reason":"\#($0)""#)
        }
    }
}

extension Array {
    /// Neighbours swapped now and then.
    fileprivate func shuffledALittle(using generator: inout SeededGenerator) -> [Element] {
        var copy = self
        for index in indices.dropLast() where Int.random(in: 0..<10, using: &generator) == 0 {
            copy.swapAt(index, index + 1)
        }
        return copy
    }
}
