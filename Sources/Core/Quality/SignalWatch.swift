public import ECGSignal

/// Follows what each lead's samples are worth, row by row of the wide band: off, at the rail, standing still, and once a
/// second, at the whole seconds of the grid, what noise is in them.
///
/// It knows no heart. A quiet line is judged by the rhythm lane; here it is said that a line does not change at all, or
/// that there is none. What comes out is a function of the rows, wherever they were cut; it allocates nothing once the
/// caller's list has room.
public struct SignalWatch: Sendable, Equatable, Codable {
    /// Samples without a change after which a lead stands still: 4 s, as asystole takes.
    static let stillSamples: Int32 = 2_000
    /// The same after which its second is graded as constant: 1 s.
    static let constantSamples: Int32 = 500
    /// Samples at the rail, less those beside it, from which a lead counts as saturated: 0.5 s.
    ///
    /// It no longer does at 0.
    static let saturatedSamples: Int32 = 250
    /// Samples without a change in any lead after which nothing can be analysed: 2 s.
    static let deadSamples = 1_000
    /// A constant in front of the wide band comes out as a decay; what differs less from it is no change, millivolts.
    static let changeMin: Float = 1e-5

    /// What the wide band makes of a constant from one sample to the next.
    private static let decay: Float = 0.99937188

    /// What is known of four leads.
    private struct State: Sendable, Equatable, Codable {
        var values = SIMD4<Float>(repeating: .nan)
        /// Whether a lead has a sample in the newest row.
        var isPresent = SIMDMask<SIMD4<Int32>>(repeating: false)
        /// Samples in which a lead has not changed, counted up to `stillSamples`.
        var still = SIMD4<Int32>.zero
        var saturated = SIMD4<Int32>.zero
        var isSaturated = SIMDMask<SIMD4<Int32>>(repeating: false)
        /// Whether a lead is at its rail, or was lately.
        var hasSaturation = false

        /// Takes a row's values.
        @inline(__always)
        mutating func follow(_ newest: SIMD4<Float>) {
            let change = FourLeads.magnitude(newest - SignalWatch.decay * values)
            var now = (still &+ 1).replacing(with: still, where: still .== SignalWatch.stillSamples)
            // No number is less than any.
            now.replace(with: 0, where: .!(change .< SignalWatch.changeMin))
            still.replace(with: now, where: isPresent)
            values = newest
        }
    }

    /// The leads for which the states say so.
    private var masked = LeadSet()
    private var states = [State](repeating: State(), count: FourLeads.count)
    /// The leads whose electrode is off, as the device says.
    public private(set) var off = LeadSet()
    /// The leads that stand still for 4 s or are at their rail.
    public private(set) var poor = LeadSet()
    /// The leads that ever had a sample, or were said to be off.
    private var sent = LeadSet()
    /// The leads that have had every sample of the second at hand, and the row that comes next.
    private var whole = LeadSet()
    private var next: Int?
    private var lastAlive: Int?
    /// Whether no lead has had a sample that could show a heart for 2 s, or no heart could be seen in the seconds of any.
    public private(set) var isUnanalysable = false
    /// Whether every lead that has samples is beyond what an ECG reaches, stands still or is too faint in the newest second.
    public private(set) var isBlind = false
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
            follow(rows.present[from..<from + count], at: n)
            let values = rows.fours.span
            if isUneventful(rows, from..<from + count) {
                takeUneventful(from..<from + count, values, at: n)
            } else {
                for row in from..<from + count {
                    takeRow(row, values, of: rows, at: Int(rows.start) + row, &changes)
                }
            }
            from += count
            if place + count == LeadMeasure.second { grade(present: rows.present[from - 1]) }
        }
    }

    /// Whether some rows can change nothing but the samples in which leads stand still: the same leads have samples in
    /// all of them and in the row before, none is off or at its rail, and none can have stood still for long.
    private func isUneventful(_ rows: WideRows, _ part: Range<Int>) -> Bool {
        let n = Int(rows.start) + part.lowerBound
        guard poor.isEmpty, off.isEmpty, !isUnanalysable, !isBlind, let lastAlive,
            n + part.count - lastAlive < SignalWatch.deadSamples
        else { return false }
        let stillMax = SignalWatch.stillSamples - Int32(part.count)
        for state in states where state.hasSaturation || any(state.still .>= stillMax) { return false }
        for row in part
        where rows.present[row] != masked || !rows.off[row].isEmpty || !rows.saturated[row].isEmpty {
            return false
        }
        return true
    }

    /// Takes rows that are `isUneventful`, the first of them at grid index `n`.
    private mutating func takeUneventful(_ part: Range<Int>, _ values: Span<SIMD4<Float>>, at n: Int) {
        for four in states.indices {
            var state = states[four]
            for row in part {
                state.follow(values[row * FourLeads.count + four])
                if any(state.isPresent .& (state.still .== 0)) {
                    lastAlive = max(lastAlive ?? 0, n + row - part.lowerBound)
                }
            }
            states[four] = state
        }
    }

    /// Takes which leads have samples in the rows from grid index `n` on, all of one second.
    ///
    /// A second begins with the first row there is; rows that were left out, since they hold nothing, are of no lead.
    private mutating func follow(_ present: ArraySlice<LeadSet>, at n: Int) {
        if n.isMultiple(of: LeadMeasure.second) || next == nil {
            whole = LeadSet(rawValue: .max)
        } else if next != n {
            whole = LeadSet()
        }
        for leads in present { whole.formIntersection(leads) }
        next = n + present.count
    }

    /// A second is over, in whose last row the leads `present` have samples.
    private mutating func grade(present: LeadSet) {
        sent.formUnion(present.union(off))
        var second = SignalQuality(of: sent)
        noise.endSecond(into: &second)
        second.note(.electrodeOff, of: off)
        var constant: UInt16 = 0
        for four in states.indices {
            let still = FourLeads.leads(states[four].still .>= SignalWatch.constantSamples, four: four)
            constant |= still.rawValue
            second.note(.constant, of: still.intersection(present))
            let saturated = FourLeads.leads(states[four].isSaturated, four: four)
            sent.formUnion(saturated)
            second.note(.saturated, of: saturated)
        }
        let isConstant = LeadSet(rawValue: constant)
        second.judge(present: present, whole: whole)
        quality = second
        // A second without samples tells nothing new.
        let isTold = !second[.noise].isEmpty || !second[.constant].subtracting(isConstant).isEmpty
        isBlind = second.grade == .unanalysable && (isBlind || isTold)
    }

    private mutating func takeRow(
        _ row: Int,
        _ values: Span<SIMD4<Float>>,
        of rows: WideRows,
        at n: Int,
        _ changes: inout [SignalChange]
    ) {
        let present = rows.present[row]
        let saturated = rows.saturated[row]
        if present != masked {
            for four in states.indices { states[four].isPresent = FourLeads.mask(present, four: four) }
            masked = present
        }
        var isAlive = false
        var nowPoor = LeadSet()
        for four in 0..<FourLeads.count {
            states[four].follow(values[row * FourLeads.count + four])
            if states[four].hasSaturation || !saturated.isEmpty {
                follow(isSaturated: FourLeads.mask(saturated, four: four), four)
            }
            let (isPresent, still) = (states[four].isPresent, states[four].still)
            isAlive = isAlive || any(isPresent .& (still .== 0))
            let isStill = isPresent .& (still .== SignalWatch.stillSamples)
            let isPoor = isStill .| states[four].isSaturated
            if any(isPoor) { nowPoor.formUnion(FourLeads.leads(isPoor, four: four)) }
        }
        let nowOff = off.union(rows.off[row]).subtracting(present)
        if nowOff != off { set(.electrodeOff, from: off, to: nowOff, at: n, &changes) }
        off = nowOff
        if nowPoor != poor { set(.poorQuality, from: poor, to: nowPoor, at: n, &changes) }
        poor = nowPoor
        judge(isAlive, at: n, &changes)
    }

    private mutating func follow(isSaturated: SIMDMask<SIMD4<Int32>>, _ four: Int) {
        for lane in 0..<4 {
            let count = states[four].saturated[lane]
            let now = isSaturated[lane] ? min(count + 1, SignalWatch.saturatedSamples) : max(count - 1, 0)
            states[four].saturated[lane] = now
            if now == SignalWatch.saturatedSamples { states[four].isSaturated[lane] = true }
            if now == 0 { states[four].isSaturated[lane] = false }
        }
        states[four].hasSaturation = states[four].saturated != .zero
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
        let isDead = n - last >= SignalWatch.deadSamples || isBlind
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
    public var isIdle: Bool { isUnanalysable && states.allSatisfy { !$0.hasSaturation } }
}
