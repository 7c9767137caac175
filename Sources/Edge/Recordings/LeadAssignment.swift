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
    }

    /// In file order; each lead once, at least one.
    public let assignments: [Assignment]
    /// A sentence for every reading that the names alone do not give.
    public let remarks: [String]

    /// Reads the channel names without regard to case.
    ///
    /// MLII is read as II; an unknown name is PATCH when it is the only channel.
    /// - Parameters:
    ///   - channelNames: As the header has them, in file order.
    ///   - nameLeads: `I,V1`: the leads of all channels in file order, whatever their names.
    ///   - leads: `I,II`: only these; then an unknown name is left out instead of refused.
    /// - Throws: A `RecordingError` of kind `leads` that names channel or option.
    public init(
        channelNames: [String],
        nameLeads: String? = nil,
        leads: String? = nil
    ) throws(RecordingError) {
        var reading =
            if let nameLeads {
                try LeadAssignment.named(channelNames, by: nameLeads)
            } else {
                try LeadAssignment.read(channelNames, leavesOutUnknown: leads != nil)
            }
        try LeadAssignment.checkApart(reading.assignments)
        if let leads {
            let wanted = try LeadAssignment.list(leads, option: "--leads")
            let present = reading.assignments.map(\.lead)
            for lead in wanted where !present.contains(lead) {
                throw RecordingError(
                    .leads,
                    "--leads",
                    "\(lead.name) is not in the recording, which has \(present.map(\.name).joined(separator: ", "))"
                )
            }
            reading.assignments.removeAll { !wanted.contains($0.lead) }
        }
        assignments = reading.assignments
        remarks = reading.remarks
    }

    private typealias Reading = (assignments: [Assignment], remarks: [String])

    /// The channels as `--name-leads` has them.
    private static func named(_ names: [String], by option: String) throws(RecordingError) -> Reading {
        let leads = try list(option, option: "--name-leads")
        guard leads.count == names.count else {
            throw RecordingError(
                .leads,
                "--name-leads",
                "\(leads.count) names for \(names.count) channels (\(names.joined(separator: ", "))); "
                    + "name each of them, in file order"
            )
        }
        var reading: Reading = ([], [])
        for (channel, lead) in leads.enumerated() {
            reading.assignments.append(Assignment(channel: channel, lead: lead))
            if Lead(name: names[channel]) != lead {
                reading.remarks.append(
                    "channel \(channel + 1), \(names[channel]), is read as \(lead.name), as told"
                )
            }
        }
        return reading
    }

    /// The channels as their own names have them.
    private static func read(_ names: [String], leavesOutUnknown: Bool) throws(RecordingError) -> Reading {
        var reading: Reading = ([], [])
        for (channel, name) in names.enumerated() {
            if let lead = Lead(name: name) {
                reading.assignments.append(Assignment(channel: channel, lead: lead))
            } else if let lead = Self.reading(of: name, isOnly: names.count == 1) {
                reading.assignments.append(Assignment(channel: channel, lead: lead))
                reading.remarks.append("channel \(channel + 1), \(name), is read as \(lead.name)")
            } else if leavesOutUnknown {
                reading.remarks.append(
                    "channel \(channel + 1), \(name), is no lead that is known and is left out"
                )
            } else {
                throw RecordingError(
                    .leads,
                    "channel \(channel + 1)",
                    "\"\(name)\" is no lead that is known; say which it is with --name-leads, or choose others "
                        + "with --leads"
                )
            }
        }
        return reading
    }

    /// What a name that is no lead's is read as.
    private static func reading(of name: String, isOnly: Bool) -> Lead? {
        if name.lowercased() == "mlii" { return .ii }
        return isOnly ? .patch : nil
    }

    /// The leads of an option's text, each once.
    private static func list(_ text: String, option: String) throws(RecordingError) -> [Lead] {
        var leads: [Lead] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let lead = Lead(name: String(word)) else {
                throw RecordingError(
                    .leads,
                    option,
                    "\"\(word)\" is no lead; the names are \(Lead.allCases.map(\.name).joined(separator: ", "))"
                )
            }
            guard !leads.contains(lead) else {
                throw RecordingError(.leads, option, "\(lead.name) is named twice")
            }
            leads.append(lead)
        }
        return leads
    }

    /// Refuses two channels of one lead.
    private static func checkApart(_ found: [Assignment]) throws(RecordingError) {
        for (index, later) in found.enumerated() {
            for earlier in found[..<index] where earlier.lead == later.lead {
                throw RecordingError(
                    .leads,
                    "channel \(later.channel + 1)",
                    "it and channel \(earlier.channel + 1) are both lead \(later.lead.name); name them with --name-leads"
                )
            }
        }
    }
}
