/// Which channel of a recording is which lead, and what a person should know of that reading.
public import ECGSignal

/// The channels of a recording taken as leads.
public struct LeadAssignment: Sendable, Equatable {
    /// A channel and its lead.
    public struct Assignment: Sendable, Equatable {
        /// Index of the channel in the recording.
        public let channel: Int
        /// What it is taken as.
        public let lead: Lead

        /// That channel as that lead.
        public init(channel: Int, lead: Lead) {
            self.channel = channel
            self.lead = lead
        }
    }

    /// In file order; each lead once, at least one.
    public private(set) var assignments: [Assignment] = []
    /// Of every channel that is left out or whose name is not its lead's own.
    public private(set) var remarks: [RecordingRemark] = []

    /// The words of `--name-leads` that leave a channel out.
    public static let leftOutWords = ["none", "-"]

    /// Takes the channels of a recording as leads, by their names and units.
    ///
    /// A channel that is no voltage, no ECG, or without a standard position is left out. Where no channel has a standard
    /// lead's name, the only ECG is read as PATCH.
    /// - Parameters:
    ///   - channels: In the recording's order.
    ///   - nameLeads: `I,V1,none`: the leads of all channels in file order, whatever their names.
    ///   - leads: `I,II`: only these.
    /// - Throws: A `RecordingError` of kind `leads` that names channels or option.
    public init(
        of channels: [Recording.Channel],
        nameLeads: String? = nil,
        leads: String? = nil
    ) throws(RecordingError) {
        if let nameLeads {
            try takeNames(nameLeads, of: channels)
        } else {
            try read(channels, wanted: leads)
        }
        if let leads { try keep(leads, of: channels) }
        try checkApart()
    }

    /// The channels as `--name-leads` has them.
    private mutating func takeNames(
        _ option: String,
        of channels: [Recording.Channel]
    ) throws(RecordingError) {
        let words = option.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard words.count == channels.count else {
            throw RecordingError(
                .leads,
                "--name-leads",
                "\(words.count) names for \(channels.count) channels (\(LeadAssignment.names(channels))); name each of them, "
                    + "in file order, those to leave out as none"
            )
        }
        for (number, word) in words.enumerated() {
            let name = RecordingRemark.ChannelName(number + 1, channels[number].name)
            if LeadAssignment.leftOutWords.contains(word.lowercased()) {
                remarks.append(.leftOutByHand(name))
                continue
            }
            let lead = try LeadAssignment.lead(
                word,
                option: "--name-leads",
                others: ", or none to leave a channel out"
            )
            guard !assignments.contains(where: { $0.lead == lead }) else {
                throw RecordingError(.leads, "--name-leads", "\(lead.name) is named twice")
            }
            if let obstacle = LeadAssignment.obstacle(to: channels[number], name) {
                throw RecordingError(
                    .leads,
                    "--name-leads",
                    "\(obstacle.asReason) and cannot be \(lead.name); write none for it"
                )
            }
            assignments.append(Assignment(channel: number, lead: lead))
            if Lead(name: channels[number].name) != lead { remarks.append(.namedByHand(name, lead)) }
        }
        guard !assignments.isEmpty else {
            throw RecordingError(.leads, "--name-leads", "every channel is left out; name one at least")
        }
    }

    /// The channels as their own names have them.
    private mutating func read(_ channels: [Recording.Channel], wanted: String?) throws(RecordingError) {
        var ecgs: [(channel: Int, isNamedECG: Bool, leftOut: RecordingRemark)] = []
        for (number, channel) in channels.enumerated() {
            let name = RecordingRemark.ChannelName(number + 1, channel.name)
            let meaning = LeadName(channel.name)
            if meaning == .neverECG {
                remarks.append(
                    channel.unit.isVoltage ? .neverECG(name) : .noVoltage(name, unit: channel.unit.name)
                )
                continue
            }
            if let obstacle = LeadAssignment.obstacle(to: channel, name) {
                remarks.append(obstacle)
                continue
            }
            switch meaning {
            case .own(let lead): assignments.append(Assignment(channel: number, lead: lead))
            case .meant(let lead):
                assignments.append(Assignment(channel: number, lead: lead))
                remarks.append(.readAs(name, lead))
            case .noStandardPosition: ecgs.append((number, false, .noStandardPosition(name)))
            case .anyECG: ecgs.append((number, true, .unknownName(name)))
            case .unknown, .neverECG: ecgs.append((number, false, .unknownName(name)))
            }
        }
        if assignments.isEmpty {
            try takePatch(from: ecgs.map { ($0.channel, $0.isNamedECG) }, of: channels, wanted: wanted)
        }
        for ecg in ecgs where !assignments.contains(where: { $0.channel == ecg.channel }) {
            remarks.append(ecg.leftOut)
        }
        remarks.sort { $0.channelNumber < $1.channelNumber }
    }

    /// The only ECG of an unknown place as a patch, where no channel is a lead by its name.
    private mutating func takePatch(
        from candidates: [(channel: Int, isNamedECG: Bool)],
        of channels: [Recording.Channel],
        wanted: String?
    ) throws(RecordingError) {
        let named = candidates.filter(\.isNamedECG)
        guard let only = candidates.count == 1 ? candidates.first : named.count == 1 ? named.first : nil
        else {
            let example = channels.indices.map { number in
                candidates.firstIndex { $0.channel == number }.map {
                    ["II", "V1", "V5"].dropFirst($0).first ?? "none"
                }
                    ?? "none"
            }.joined(separator: ",")
            let names = LeadAssignment.names(channels)
            throw RecordingError(
                .leads,
                wanted == nil ? "channels" : "--leads",
                candidates.isEmpty
                    ? "no channel can be taken as an ECG: \(remarks.map(\.description).joined(separator: "; "))"
                    : "no channel is a lead that is known; the channels are \(names); say which leads they are, for example "
                        + "--name-leads \(example)"
            )
        }
        assignments.append(Assignment(channel: only.channel, lead: .patch))
        remarks.append(.readAsPatch(.init(only.channel + 1, channels[only.channel].name)))
    }

    /// Only the leads that `--leads` names.
    private mutating func keep(_ option: String, of channels: [Recording.Channel]) throws(RecordingError) {
        var wanted: [Lead] = []
        for word in option.split(separator: ",", omittingEmptySubsequences: false) {
            let lead = try LeadAssignment.lead(String(word), option: "--leads", others: "")
            guard !wanted.contains(lead) else {
                throw RecordingError(.leads, "--leads", "\(lead.name) is named twice")
            }
            guard assignments.contains(where: { $0.lead == lead }) else {
                let present = assignments.map(\.lead.name).joined(separator: ", ")
                throw RecordingError(
                    .leads,
                    "--leads",
                    "\(lead.name) is not in the recording, which has \(present) (channels \(LeadAssignment.names(channels)))"
                )
            }
            wanted.append(lead)
        }
        assignments.removeAll { !wanted.contains($0.lead) }
    }

    /// Refuses a list such as `I,II` in which a word is no lead's name; nothing is said of any recording.
    public static func check(_ leads: String?, option: String) throws(RecordingError) {
        for word in (leads ?? "I").split(separator: ",", omittingEmptySubsequences: false) {
            _ = try lead(String(word), option: option, others: "")
        }
    }

    private static func lead(_ word: String, option: String, others: String) throws(RecordingError) -> Lead {
        let name = word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        guard let lead = LeadName.lead(named: String(name)) else {
            throw RecordingError(
                .leads,
                option,
                "\"\(word)\" is no lead; the names are \(Lead.allCases.map(\.name).joined(separator: ", "))\(others)"
            )
        }
        return lead
    }

    /// Why a channel cannot be a lead, whatever it is called.
    private static func obstacle(
        to channel: Recording.Channel,
        _ name: RecordingRemark.ChannelName
    ) -> RecordingRemark? {
        guard channel.unit.isVoltage else { return .noVoltage(name, unit: channel.unit.name) }
        guard channel.rate != nil else { return .rateOutside(name, hertz: channel.hertz) }
        if let nanovolts = channel.nanovoltsPerUnit,
            !(nanovolts > 0 && nanovolts <= RecordingLimits.nanovoltsPerUnitMax)
        {
            return .unitOutside(name, nanovolts: nanovolts)
        }
        return nil
    }

    private static func names(_ channels: [Recording.Channel]) -> String {
        channels.map(\.name).joined(separator: ", ")
    }

    /// Refuses two channels of one lead.
    private func checkApart() throws(RecordingError) {
        for (index, later) in assignments.enumerated() {
            for earlier in assignments[..<index] where earlier.lead == later.lead {
                throw RecordingError(
                    .leads,
                    "channel \(later.channel + 1)",
                    "it and channel \(earlier.channel + 1) are both lead \(later.lead.name); name them with --name-leads"
                )
            }
        }
    }
}

extension RecordingRemark {
    /// The channel it speaks of; 0 where it speaks of none.
    fileprivate var channelNumber: Int {
        switch self {
        case .noVoltage(let channel, _), .neverECG(let channel), .noStandardPosition(let channel),
            .unknownName(let channel), .rateOutside(let channel, _), .unitOutside(let channel, _),
            .readAs(let channel, _), .readAsPatch(let channel), .namedByHand(let channel, _),
            .leftOutByHand(let channel):
            channel.number
        default: 0
        }
    }

    /// The sentence of a channel that is left out, without its end.
    fileprivate var asReason: String {
        let text = description
        return text.hasSuffix(", and is left out")
            ? String(text.dropLast(", and is left out".count))
            : text.hasSuffix(" and is left out") ? String(text.dropLast(" and is left out".count)) : text
    }
}
