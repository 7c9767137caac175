public import ECGSignal
public import Findings

/// Finds a change of the ST segment from what is usual for the patient: 0.1 mV in two neighbouring leads, 0.2 mV in one.
///
/// Usual is the median of a lead's first five valid minutes, or what a user set. It speaks of the change alone, because
/// bundle branch block, hypertrophy and early repolarisation shift ST for good: ST that was low and comes back is an
/// elevation too. A lead counts as changed until a fifth of the limit is taken back, or until its ST was unknown for
/// 10 s. How long the change must hold before it alarms is the policy's decision.
public struct STChange: Sendable, Equatable, Codable {
    /// The ids in the catalogue: elevations first, in each the one that names no wall.
    public static let statements = signs.flatMap { sign in STWall.all.map { sign.word + $0.suffix } }

    private static let signs: [(word: String, sign: Int)] = [("st_elevation", 1), ("st_depression", -1)]
    /// One value is taken of so many valid seconds, the memory of the median beat, and so many make the baseline.
    static let spacing = 10
    static let valuesMax = 30
    static let unknownSeconds = 10
    /// A figure is told anew where it has grown by so many microvolts.
    static let news = 50

    /// What the user set; the leads that it does not name have that of their first minutes.
    public var limits = STLimits.standard

    /// By channel the values of the first valid minutes, microvolts; empty until ST was known.
    private var values: [Int16] = []
    /// Valid seconds of each channel, until its baseline is known.
    private var seconds = SIMD16<Int16>.zero
    private var learned = SIMD16<Int16>.zero
    private var hasLearned = LeadSet()
    /// The newest change of each channel, microvolts, and for how many seconds it has been unknown.
    private var changes = SIMD16<Int32>.zero
    private var known = LeadSet()
    private var unknown = SIMD16<UInt8>(repeating: UInt8(unknownSeconds))
    /// Channels that have changed by the limit, and by twice of it: up, down.
    private var changed = [LeadSet](repeating: LeadSet(), count: 2)
    private var changedTwice = [LeadSet](repeating: LeadSet(), count: 2)
    /// The figure that was told of each statement; 0 where it does not hold.
    private var told = [Int32](repeating: 0, count: 8)
    private var reason: VitalSigns.Reason? = .starting

    /// Nothing has been seen.
    public init() {}

    /// Takes the vital signs of the next second, and appends the statements that begin or cease to hold, or whose figure
    /// has grown, to `findings`.
    public mutating func take(_ signs: VitalSigns, into findings: inout [Observation.Finding]) {
        measure(signs.waves.st)
        for (side, sign) in STChange.signs.enumerated() { mark(side, sign.sign) }
        for index in told.indices {
            let (side, wall) = (index / STWall.all.count, STWall.all[index % STWall.all.count])
            let figure = decidingChange(wall, side)
            if (told[index] != 0) == (figure != nil), growth(figure, told[index]) < STChange.news { continue }
            told[index] = figure ?? 0
            findings.append(
                Observation.Finding(
                    STChange.statements[index],
                    holds: figure != nil,
                    since: signs.sample - 1,
                    figure: figure.map { Figure(Double($0) / 1_000, .millivolts) },
                    leads: figure == nil ? [] : leads(of: wall, side).leads
                )
            )
        }
    }

    /// Nothing can be judged any longer: what holds still once it can is told again.
    ///
    /// What is usual stays.
    public mutating func loseSight() {
        for side in changed.indices {
            changed[side] = LeadSet()
            changedTwice[side] = LeadSet()
        }
        for index in told.indices { told[index] = 0 }
    }

    /// What it says of each statement.
    public var readings: [RuleReading] {
        STChange.statements.indices.map { index in
            let (side, wall) = (index / STWall.all.count, STWall.all[index % STWall.all.count])
            let sign = STChange.signs[side].sign
            let greatest = greatestChange(wall, sign)
            return RuleReading(
                STChange.statements[index],
                holds: told[index] != 0,
                isNear: greatest.map { sign * Int($0) >= limits.change / 2 } ?? false,
                figure: greatest.map { Double($0) / 1_000 },
                limit: Double(sign * limits.change) / 1_000,
                sign > 0 ? .above : .below,
                unit: "mV",
                note: note(wall)
            )
        }
    }

    // MARK: levels and what is usual

    private mutating func measure(_ levels: STLevels) {
        reason = levels.reason
        var millivolts = SIMD16<Float>.zero
        known = levels.leads
        for channel in 0..<Lead.channelCount { millivolts[channel] = Float(levels[channel] ?? 0) }
        LimbLevels.complete(&millivolts, &known)
        for channel in 0..<Lead.channelCount {
            guard known.contains(channel: channel) else {
                unknown[channel] = min(unknown[channel] + 1, UInt8(STChange.unknownSeconds))
                continue
            }
            unknown[channel] = 0
            let microvolts = min(max(1_000 * millivolts[channel], -16_000), 16_000).rounded()
            if !hasLearned.contains(channel: channel) { learn(Int16(microvolts), channel) }
            changes[channel] = usual(channel).map { Int32(microvolts) - $0 } ?? 0
        }
    }

    private mutating func learn(_ level: Int16, _ channel: Int) {
        if values.isEmpty {
            values = [Int16](repeating: 0, count: Lead.channelCount * STChange.valuesMax)
        }
        seconds[channel] += 1
        guard Int(seconds[channel]).isMultiple(of: STChange.spacing) else { return }
        // Values are kept in order, so that the middle ones are the median.
        let count = Int(seconds[channel]) / STChange.spacing
        var place = channel * STChange.valuesMax + count - 1
        while place > channel * STChange.valuesMax, values[place - 1] > level {
            values[place] = values[place - 1]
            place -= 1
        }
        values[place] = level
        guard count == STChange.valuesMax else { return }
        let middle = channel * STChange.valuesMax + STChange.valuesMax / 2
        learned[channel] = Int16((Int(values[middle - 1]) + Int(values[middle])) / 2)
        hasLearned.formUnion(LeadSet(rawValue: 1 << UInt16(channel)))
    }

    /// The level that a channel's is compared with, microvolts; nil while it is not known.
    private func usual(_ channel: Int) -> Int32? {
        if let set = limits[channel] { return Int32(set) }
        return hasLearned.contains(channel: channel) ? Int32(learned[channel]) : nil
    }

    // MARK: what has changed

    private mutating func mark(_ side: Int, _ sign: Int) {
        for channel in 0..<Lead.channelCount {
            let lead = LeadSet(rawValue: 1 << UInt16(channel))
            if usual(channel) == nil || unknown[channel] >= STChange.unknownSeconds {
                changed[side].subtract(lead)
                changedTwice[side].subtract(lead)
            } else if known.contains(channel: channel) {
                let change = sign * Int(changes[channel])
                STChange.mark(&changed[side], lead, change, limits.change)
                STChange.mark(&changedTwice[side], lead, change, 2 * limits.change)
            }
        }
    }

    private static func mark(_ leads: inout LeadSet, _ lead: LeadSet, _ change: Int, _ limit: Int) {
        if change >= limit { leads.formUnion(lead) }
        if 5 * change < 4 * limit { leads.subtract(lead) }
    }

    /// The leads of a wall that have changed; of no wall all that have.
    private func leads(of wall: STWall, _ side: Int) -> LeadSet {
        if wall.canBeOne { return changed[side] }
        var leads = LeadSet()
        for (one, other) in wall.pairs {
            leads.formUnion(LeadSet(rawValue: 1 << UInt16(one) | 1 << UInt16(other)))
        }
        return leads.intersection(changed[side])
    }

    /// The change by which a wall's statement holds, with its sign: the lesser of two neighbours, or one that is twice as
    /// great; nil where it does not hold.
    private func decidingChange(_ wall: STWall, _ side: Int) -> Int32? {
        let sign = Int32(STChange.signs[side].sign)
        var most: Int32?
        for (one, other) in wall.pairs
        where changed[side].contains(channel: one) && changed[side].contains(channel: other) {
            let lesser = min(sign * changes[one], sign * changes[other])
            most = max(most ?? lesser, lesser)
        }
        if most == nil, wall.canBeOne {
            for channel in 0..<Lead.channelCount where changedTwice[side].contains(channel: channel) {
                most = max(most ?? 0, sign * changes[channel])
            }
        }
        return most.map { sign * $0 }
    }

    /// The greatest change that two neighbours of a wall have in common, with its sign; nil where none is known.
    private func greatestChange(_ wall: STWall, _ sign: Int) -> Int32? {
        var most: Int32?
        for (one, other) in wall.pairs where canCompare(one) && canCompare(other) {
            let lesser = min(Int32(sign) * changes[one], Int32(sign) * changes[other])
            most = max(most ?? lesser, lesser)
        }
        if most == nil, wall.canBeOne {
            for channel in 0..<Lead.channelCount where canCompare(channel) {
                most = max(most ?? .min, Int32(sign) * changes[channel])
            }
        }
        return most.map { Int32(sign) * $0 }
    }

    private func canCompare(_ channel: Int) -> Bool {
        known.contains(channel: channel) && usual(channel) != nil
    }

    private func growth(_ figure: Int32?, _ before: Int32) -> Int32 {
        figure.map { abs($0) - abs(before) } ?? 0
    }

    private func note(_ wall: STWall) -> String {
        if let reason { return "ST is not known: \(reason.rawValue)" }
        if known.leads.allSatisfy({ $0.channel.map { usual($0) == nil } ?? true }) {
            return "against the median of the first 300 s with ST, of which \(Int(seconds.max())) were seen"
        }
        let own =
            limits.leads.isEmpty ? "the first five minutes" : "what a user set, else the first five minutes"
        let whose = wall.canBeOne ? "two neighbouring leads, or twice as much of one" : "two of its leads"
        return "the change of \(whose) from \(own)"
    }
}
