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
        var remarks: [String] = []
        var found: [Assignment] = []
        if let nameLeads {
            let named = try LeadAssignment.list(nameLeads, option: "--name-leads")
            guard named.count == channelNames.count else {
                throw RecordingError(
                    .leads,
                    "--name-leads",
                    "\(named.count) names for \(channelNames.count) channels (\(channelNames.joined(separator: ", "))); "
                        + "name each of them, in file order"
                )
            }
            for (channel, lead) in named.enumerated() {
                found.append(Assignment(channel: channel, lead: lead))
                if Lead(name: channelNames[channel]) != lead {
                    remarks.append(
                        "channel \(channel + 1), \(channelNames[channel]), is read as \(lead.name), as told"
                    )
                }
            }
        } else {
            for (channel, name) in channelNames.enumerated() {
                guard
                    let lead = Lead(name: name)
                        ?? LeadAssignment.reading(of: name, isOnly: channelNames.count == 1)
                else {
                    guard leads != nil else {
                        throw RecordingError(
                            .leads,
                            "channel \(channel + 1)",
                            "\"\(name)\" is no lead that is known; say which it is with --name-leads, or choose "
                                + "others with --leads"
                        )
                    }
                    remarks.append(
                        "channel \(channel + 1), \(name), is no lead that is known and is left out"
                    )
                    continue
                }
                found.append(Assignment(channel: channel, lead: lead))
                if Lead(name: name) == nil {
                    remarks.append("channel \(channel + 1), \(name), is read as \(lead.name)")
                }
            }
        }
        try LeadAssignment.checkApart(found)
        if let leads {
            let wanted = try LeadAssignment.list(leads, option: "--leads")
            for lead in wanted where !found.contains(where: { $0.lead == lead }) {
                throw RecordingError(
                    .leads,
                    "--leads",
                    "\(lead.name) is not in the recording, which has "
                        + (found.map(\.lead.name).joined(separator: ", "))
                )
            }
            found.removeAll { !wanted.contains($0.lead) }
        }
        assignments = found
        self.remarks = remarks
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
