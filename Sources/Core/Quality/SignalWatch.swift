public import ECGSignal

/// Follows what each lead's samples are worth, row by row of the wide band: off, at the rail, standing still, and once a
/// second, at the whole seconds of the grid, what noise is in them.
///
/// It knows no heart. A quiet line is judged by the rhythm lane; here it is said that a line does not change at all, or
/// that there is none. What comes out is a function of the rows, wherever they were cut; it allocates nothing once the
/// caller's list has room.
public struct SignalWatch: Sendable, Equatable {
    /// Samples without a change after which a lead stands still: 4 s, as asystole takes.
    static let stillSamples = 2_000
    /// The same after which its second is graded as constant: 1 s.
    static let constantSamples = 500
    /// Samples at the rail, less those beside it, from which a lead counts as saturated: 0.5 s.
    ///
    /// It no longer does at 0.
    static let saturatedSamples = 250
    /// Samples without a change in any lead after which nothing can be analysed: 2 s.
    static let deadSamples = 1_000
    /// A constant in front of the wide band comes out as a decay; what differs less from it is no change, millivolts.
    static let changeMin: Float = 1e-5

    /// What the wide band makes of a constant from one sample to the next.
    private static let decay: Float = 0.99937188

    /// What is known of one lead.
    private struct State: Sendable, Equatable {
        var value = Float.nan
        /// Samples in which the lead has not changed.
        var still = 0
        var saturated = 0
        var isSaturated = false
    }

    private var states = [State](repeating: State(), count: Lead.channelCount)
    /// The leads whose electrode is off, as the device says.
    public private(set) var off = LeadSet()
    /// The leads that stand still for 4 s or are at their rail.
    public private(set) var poor = LeadSet()
    /// The leads that ever had a sample, or were said to be off.
    private var sent = LeadSet()
    private var lastAlive: Int?
    /// Whether no lead has had a sample that could show a heart for 2 s.
    public private(set) var isUnanalysable = false
    private var noise = LeadNoise()

    /// The newest whole second, as far as the samples alone tell; nil before there was one.
    public private(set) var quality: SignalQuality?

    /// A watch that has seen nothing.
    public init() {}

    /// Takes the next rows, each grid index once, and appends what changed to `changes`.
    public mutating func take(_ rows: WideRows, into changes: inout [SignalChange]) {
        var from = 0
        while from < rows.count {
            let n = Int(rows.start) + from
            let place = n % LeadMeasure.second
            let count = min(rows.count - from, LeadMeasure.piece - place % LeadMeasure.piece)
            noise.take(rows, from, count, at: place)
            for row in from..<from + count { takeRow(row, of: rows, at: Int(rows.start) + row, &changes) }
            from += count
            if place + count == LeadMeasure.second { grade(present: rows.present[from - 1]) }
        }
    }

    /// A second is over, in whose last row the leads `present` have samples.
    private mutating func grade(present: LeadSet) {
        sent.formUnion(present.union(off))
        var second = SignalQuality(of: sent)
        noise.endSecond(into: &second)
        second.note(.electrodeOff, of: off)
        for channel in 0..<Lead.channelCount {
            let lead = LeadSet(rawValue: 1 << UInt16(channel))
            if present.contains(channel: channel), states[channel].still >= SignalWatch.constantSamples {
                second.note(.constant, of: lead)
            }
            if states[channel].isSaturated {
                sent.formUnion(lead)
                second.note(.saturated, of: lead)
            }
        }
        second.judge(present: present)
        quality = second
    }

    private mutating func takeRow(_ row: Int, of rows: WideRows, at n: Int, _ changes: inout [SignalChange]) {
        let present = rows.present[row]
        var isAlive = false
        var nowPoor = LeadSet()
        for channel in 0..<Lead.channelCount {
            let isPresent = present.contains(channel: channel)
            follow(
                rows.values[row * Lead.channelCount + channel],
                channel,
                isSaturated: rows.saturated[row].contains(channel: channel),
                isPresent: isPresent
            )
            if isPresent, states[channel].still == 0 { isAlive = true }
            let isStill = isPresent && states[channel].still >= SignalWatch.stillSamples
            if isStill || states[channel].isSaturated {
                nowPoor.formUnion(LeadSet(rawValue: 1 << UInt16(channel)))
            }
        }
        let nowOff = off.union(rows.off[row]).subtracting(present)
        if nowOff != off { set(.electrodeOff, from: off, to: nowOff, at: n, &changes) }
        off = nowOff
        if nowPoor != poor { set(.poorQuality, from: poor, to: nowPoor, at: n, &changes) }
        poor = nowPoor
        judge(isAlive, at: n, &changes)
    }

    private mutating func follow(_ value: Float, _ channel: Int, isSaturated: Bool, isPresent: Bool) {
        let before = states[channel].value
        if isPresent {
            let isStill = abs(value - SignalWatch.decay * before) < SignalWatch.changeMin
            states[channel].still = isStill ? states[channel].still + 1 : 0
        }
        states[channel].value = value
        let count = states[channel].saturated
        states[channel].saturated =
            isSaturated ? min(count + 1, SignalWatch.saturatedSamples) : max(count - 1, 0)
        if states[channel].saturated == SignalWatch.saturatedSamples { states[channel].isSaturated = true }
        if states[channel].saturated == 0 { states[channel].isSaturated = false }
    }

    private func set(
        _ finding: SignalFinding,
        from before: LeadSet,
        to now: LeadSet,
        at n: Int,
        _ changes: inout [SignalChange]
    ) {
        changes.append(
            SignalChange(
                finding: finding,
                isOn: !now.isEmpty,
                at: GridIndex(n),
                since: GridIndex(n),
                leads: now.isEmpty ? before : now
            )
        )
    }

    private mutating func judge(_ isAlive: Bool, at n: Int, _ changes: inout [SignalChange]) {
        let last = isAlive ? n : lastAlive ?? n
        lastAlive = last
        let isDead = n - last >= SignalWatch.deadSamples
        guard isDead != isUnanalysable else { return }
        isUnanalysable = isDead
        changes.append(
            SignalChange(
                finding: .unanalysable,
                isOn: isDead,
                at: GridIndex(n),
                since: GridIndex(isDead ? last : n),
                leads: LeadSet()
            )
        )
    }

    /// Whether rows without a sample change nothing any more; they may be left out.
    public var isIdle: Bool { isUnanalysable && states.allSatisfy { $0.saturated == 0 } }
}
