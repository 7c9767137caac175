internal import ECGSignal

/// At which places of the grid a beat would have been seen, had it been there.
///
/// A beat shows its place 150 ms later. It is seen where some lead in which beats can be told has all samples from 100 ms
/// before its place to 150 ms after it, but for 20 ms in a row: detection begins anew behind more missing samples and needs
/// what follows a beat. A lead that shows no beats, or much less clearly than another, sees none. What stands between two beats
/// with an unseen place between them is no interval, and an unseen place is no part of a silence.
struct BeatSight: Sendable, Equatable, Codable {
    /// Rows that a lead must have before a place and after it.
    static let before = 50
    static let after = 75
    /// Leads in which beats are told have at least this share of the greatest weight.
    static let weightShare = 0.05

    /// A stretch of unseen places, both ends included.
    private struct Stretch: Sendable, Equatable, Codable {
        var first: Int
        var last: Int
    }

    /// Rows that may be missing in a row and hide no beat, as they are bridged: 20 ms.
    static let bridgedRows = 10

    /// The leads that have a sample in the newest row, and since when each of the others has none.
    private var received = LeadSet()
    private var awaySince = [Int](repeating: .min, count: Lead.channelCount)
    /// The leads that have a sample now or lately had one, and for each channel the first place that it sees.
    private var present = LeadSet()
    private var firstSeen = [Int](repeating: 0, count: Lead.channelCount)
    /// The row after the newest with a sample of each channel; the least number where there was none.
    private var endedAt = [Int](repeating: .min, count: Lead.channelCount)
    /// The leads in which beats are told.
    private var telling = LeadSet(rawValue: .max)
    /// The first place that is seen by a telling lead which has a sample now; nil where none has.
    private var seesFrom: Int?
    /// Since which row no telling lead has had a sample.
    private var blindSince: Int?
    /// The newest unseen places and those before them.
    private var newest: Stretch?
    private var earlier: Stretch?

    /// Nothing was seen.
    init() {}

    /// Takes the leads that have a sample in row `n`; each row comes once, in order.
    ///
    /// - Returns: whether a beat would have been seen at the place `n - after`.
    mutating func take(_ leads: LeadSet, at n: Int) -> Bool {
        if leads != present || leads != received {
            let running = bridged(leads, at: n)
            if running != present { change(to: running, at: n) }
        }
        let place = n - BeatSight.after
        if let seesFrom, place >= seesFrom { return true }
        // What shows no beats is looked at again where nothing else has come for 2 s.
        if seesFrom == nil, !present.isEmpty, let blindSince, n - blindSince > SilenceWatch.gapSamples {
            telling = LeadSet(rawValue: .max)
            settle(at: n)
        }
        if newest?.last == place - 1 {
            newest?.last = place
        } else {
            earlier = newest
            newest = Stretch(first: place, last: place)
        }
        return false
    }

    /// Those leads, and those of whose samples so few are missing that a beat is seen all the same.
    private mutating func bridged(_ leads: LeadSet, at n: Int) -> LeadSet {
        var running = leads
        for channel in 0..<Lead.channelCount where !leads.contains(channel: channel) {
            if received.contains(channel: channel) { awaySince[channel] = n }
            guard present.contains(channel: channel), n - awaySince[channel] < BeatSight.bridgedRows else {
                continue
            }
            running.formUnion(LeadSet(rawValue: 1 << UInt16(channel)))
        }
        received = leads
        return running
    }

    private mutating func change(to leads: LeadSet, at n: Int) {
        for channel in 0..<Lead.channelCount {
            let (was, isNow) = (present.contains(channel: channel), leads.contains(channel: channel))
            if was, !isNow { endedAt[channel] = n }
            guard isNow, !was else { continue }
            // What begins, or begins anew where long nothing came, has nothing before it that could have been a beat.
            let ended = endedAt[channel]
            let isNew = ended == .min || present.isEmpty && n - ended > SilenceWatch.gapSamples
            firstSeen[channel] = isNew ? n : n + BeatSight.before
        }
        present = leads
        settle(at: n)
    }

    /// Finds anew what is seen from where on.
    private mutating func settle(at n: Int) {
        var first: Int?
        for channel in 0..<Lead.channelCount
        where present.contains(channel: channel) && telling.contains(channel: channel) {
            first = min(first ?? .max, firstSeen[channel])
        }
        if first == nil, seesFrom != nil || blindSince == nil { blindSince = n }
        seesFrom = first
    }

    /// A beat was found with row `n` in some leads, each of which counts by what is known of it.
    ///
    /// A lead that tells beats and is away for the moment tells them again when it is back.
    mutating func note(_ leads: LeadSet, of fours: [QRSFour], at n: Int) {
        guard !leads.isEmpty else { return }
        let away = telling.subtracting(leads)
        func weight(_ channel: Int) -> Double { fours[channel >> 2].leads[channel & 3].weight }
        var most = 0.0
        for channel in 0..<Lead.channelCount
        where leads.contains(channel: channel) || away.contains(channel: channel) && endedAt[channel] != .min
        {
            most = max(most, weight(channel))
        }
        var told = LeadSet()
        for channel in 0..<Lead.channelCount
        where away.contains(channel: channel) && !present.contains(channel: channel)
            || leads.contains(channel: channel) && weight(channel) >= BeatSight.weightShare * most
        {
            told.formUnion(LeadSet(rawValue: 1 << UInt16(channel)))
        }
        guard told != telling, !told.intersection(present).isEmpty else { return }
        telling = told
        settle(at: n)
    }

    /// Whether no place between two beats is unseen.
    func isWhole(from one: Int, to other: Int) -> Bool {
        guard let newest else { return true }
        if newest.first < other { return newest.last <= one }
        return earlier.map { $0.last <= one } ?? true
    }

    /// Whether a beat would have been seen at a place of which that is known.
    func isSeen(_ place: Int) -> Bool {
        func holds(_ stretch: Stretch?) -> Bool {
            stretch.map { $0.first <= place && place <= $0.last } ?? false
        }
        return !holds(newest) && !holds(earlier)
    }

    /// The newest place that is unseen and lies after `place`; nil where there is none.
    func lastUnseen(after place: Int) -> Int? { newest.flatMap { $0.last > place ? $0.last : nil } }
}
