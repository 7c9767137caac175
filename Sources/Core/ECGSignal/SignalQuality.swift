/// How good the signal of one second is: what is wrong with each lead, and what that means for all of them together.
///
/// A value of a few bytes, so that a stream may make one a second.
public struct SignalQuality: Sendable, Equatable, Codable {
    /// What may be made of the signal.
    public enum Grade: String, Sendable, CaseIterable, Codable {
        /// Every lead that is sent shows a heart clearly, in all of its samples.
        case good
        /// A lead has a fault or lacks samples, while another, or the same one, can still be judged.
        case limited
        /// No lead can be told from noise, or there is none: nothing new is said of beats, and no statement is ranked.
        case unanalysable
    }

    /// What is wrong with a lead.
    public enum Reason: String, Sendable, CaseIterable, Codable {
        /// The device says that its electrode is off.
        case electrodeOff = "electrode_off"
        /// It stands still, or has less than 0.05 mV from peak to peak for four seconds.
        case constant
        /// Its converter stands at its rail.
        case saturated
        /// Its baseline moves by 0.5 mV or more within four seconds.
        case baselineWander = "baseline_wander"
        /// Muscles, or another wide noise above 40 Hz.
        case muscle
        /// Hum of the mains, 50 or 60 Hz.
        case powerline
        /// It is beyond what an ECG reaches, or what is found in it resembles no beats.
        case noise
        /// It lacks samples that were not said to be off or at the rail.
        case missing

        /// Whether nothing can be seen in a lead for this reason.
        public var blinds: Bool {
            switch self {
            case .electrodeOff, .constant, .saturated, .noise: true
            case .baselineWander, .muscle, .powerline, .missing: false
            }
        }
    }

    /// What may be made of the signal.
    public private(set) var grade: Grade
    /// The leads that are sent, whether or not they have samples now.
    public let sent: LeadSet
    /// The leads that had a sample in the last row of the second.
    public private(set) var present = LeadSet()
    // One set a reason; an array would take memory each second.
    private var off = LeadSet()
    private var constant = LeadSet()
    private var saturated = LeadSet()
    private var wander = LeadSet()
    private var muscle = LeadSet()
    private var powerline = LeadSet()
    private var noise = LeadSet()
    private var missing = LeadSet()

    /// The quality of a second in which the leads `sent` were expected; nothing is wrong with them yet.
    public init(of sent: LeadSet) {
        self.sent = sent
        grade = sent.isEmpty ? .unanalysable : .good
    }

    /// The leads that have this fault.
    public subscript(reason: Reason) -> LeadSet {
        switch reason {
        case .electrodeOff: off
        case .constant: constant
        case .saturated: saturated
        case .baselineWander: wander
        case .muscle: muscle
        case .powerline: powerline
        case .noise: noise
        case .missing: missing
        }
    }

    /// The faults of a lead, in the order of `Reason`.
    public func reasons(of channel: Int) -> [Reason] {
        Reason.allCases.filter { self[$0].contains(channel: channel) }
    }

    /// Notes a fault of leads; `judge` draws the consequence.
    public mutating func note(_ reason: Reason, of leads: LeadSet) {
        switch reason {
        case .electrodeOff: off.formUnion(leads)
        case .constant: constant.formUnion(leads)
        case .saturated: saturated.formUnion(leads)
        case .baselineWander: wander.formUnion(leads)
        case .muscle: muscle.formUnion(leads)
        case .powerline: powerline.formUnion(leads)
        case .noise: noise.formUnion(leads)
        case .missing: missing.formUnion(leads)
        }
    }

    /// Grades the second: `present` are the leads that have samples at its end, `whole` those that had all of them.
    public mutating func judge(present: LeadSet, whole: LeadSet) {
        self.present = present
        missing = sent.subtracting(whole).subtracting(off).subtracting(saturated)
        let blind = off.union(constant).union(saturated).union(noise)
        let seen = present.subtracting(blind)
        let faults = blind.union(wander).union(muscle).union(powerline)
        if seen.isEmpty {
            grade = .unanalysable
        } else {
            grade = faults.isEmpty && whole == sent ? .good : .limited
        }
    }

    /// The same second where what is found in its leads resembles no beats.
    public func withoutBeats() -> SignalQuality {
        var other = self
        other.noise.formUnion(sent.subtracting(off).subtracting(constant).subtracting(saturated))
        other.grade = .unanalysable
        return other
    }

    /// The same second where samples are missing so often that beats could not be seen between them.
    public func withoutSight() -> SignalQuality {
        var other = self
        other.missing.formUnion(sent.subtracting(off).subtracting(saturated))
        other.grade = .unanalysable
        return other
    }

    /// A second of the same leads in which nothing comes any more.
    public func silent() -> SignalQuality {
        var other = SignalQuality(of: sent)
        other.missing = sent
        other.grade = .unanalysable
        return other
    }
}
