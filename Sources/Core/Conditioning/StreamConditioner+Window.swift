public import ECGSignal
public import Findings
internal import Mathematics

/// What a window may rest on: of each lead how much is there, where it comes from, and whether it carries an ECG.
extension StreamConditioner {
    /// Whether any lead that the encoder has a place for was sent before grid sample `end`.
    ///
    /// It is settled once rows up to there are final.
    public func hasUsableLead(before end: GridIndex) -> Bool {
        states.indices.contains { index in
            let lead = states[index].lead
            return (lead.channel != nil || lead.standsInForAnother) && isSent(lead, before: end)
        }
    }

    /// What each of the twelve standard leads has of the window from `start` on.
    public func coverage(ofWindowAt start: GridIndex) -> [LeadCoverage] {
        let window = start..<start + Int64(Grid.windowSamples)
        let sent = sentLimbLeads(at: window.upperBound - 1)
        let standIn = standIn(ofWindowAt: start)
        return Lead.standard.enumerated().map { channel, lead in
            if isSent(lead, before: window.upperBound), let place = place(of: lead) {
                let state = states[place]
                // Before its first sample its pair stood in for it.
                let derived = derivedCount(channel, in: window)
                return LeadCoverage(
                    lead: lead,
                    samplesPresent: (state.conditioner?.present.count(in: window) ?? 0) + derived,
                    source: state.isDerivedByGateway ? .derived : .measured,
                    reason: reason(of: state, in: window) ?? gatewayReason(of: state, in: window)
                        ?? (derived == 0 ? nil : reasonOfPair(in: window, sent: sentLimbLeads(at: start)))
                )
            }
            if let standIn, channel == StreamConditioner.standInChannel {
                return LeadCoverage(
                    lead: lead,
                    samplesPresent: states[standIn].conditioner?.present.count(in: window) ?? 0,
                    source: .patch,
                    reason: reason(of: states[standIn], in: window)
                )
            }
            guard channel < Lead.limb.count, Derivation.pair(of: sent) != nil else {
                return LeadCoverage(lead: lead, samplesPresent: 0, source: .absent)
            }
            return LeadCoverage(
                lead: lead,
                samplesPresent: derivedCount(channel, in: window),
                source: .derived,
                reason: reasonOfPair(in: window, sent: sent)
            )
        }
    }

    /// Whether the encoder has seen in the window what no statement may rest on.
    ///
    /// That is a value beyond what an ECG reaches of a lead that is not used for it, or a lead without a position
    /// before the standard leads came.
    public func isDisturbed(windowAt start: GridIndex) -> Bool {
        let window = start..<start + Int64(Grid.windowSamples)
        if let first = firstStandardSample, first > start, first < window.upperBound, let standIn,
            states[standIn].conditioner?.firstSeen(in: start..<first) != nil
        {
            return true
        }
        let isPlaced = standIn(ofWindowAt: start) == nil
        return states.indices.contains { index in
            let lead = states[index].lead
            guard isPlaced ? lead.channel != nil : lead.standsInForAnother,
                let trace = states[index].conditioner?.trace
            else { return false }
            return trace.isBeyondReach(windowAt: start) && trace.isSeenBeyondReach(windowAt: start)
        }
    }

    /// The lead that stands in channel I throughout the window; nil where a standard lead was sent before its end.
    private func standIn(ofWindowAt start: GridIndex) -> Int? {
        let end = start + Int64(Grid.windowSamples)
        if let first = firstStandardSample, first < end { return nil }
        return standIn.flatMap { isSent(states[$0].lead, before: end) ? $0 : nil }
    }

    /// Samples of a limb lead that its pair gives in the window.
    private func derivedCount(_ channel: Int, in window: Range<GridIndex>) -> Int {
        guard channel < Lead.limb.count else { return 0 }
        var count = 0
        forEachDerivation(in: window, onlySeen: false) { target, _, _, part in
            if target == channel { count += part.count }
        }
        return count
    }

    /// Why a lead that was sent carries no ECG in the window; nil where it may carry one.
    private func reason(of state: LeadState, in window: Range<GridIndex>) -> LeadCoverage.Reason? {
        // More than a tenth is too much for a used lead, whatever else is missing.
        if state.contactOff.count(in: window) * 10 > Grid.windowSamples { return .off }
        return state.conditioner?.reason(inWindowAt: window.lowerBound)
    }

    /// What is computed from a pair carries an ECG only where both of the pair do.
    private func reasonOfPair(in window: Range<GridIndex>, sent: LeadSet) -> LeadCoverage.Reason? {
        guard let (p, q) = Derivation.pair(of: sent) else { return nil }
        return reason(ofChannel: p, in: window) ?? reason(ofChannel: q, in: window)
    }

    private func reason(ofChannel channel: Int, in window: Range<GridIndex>) -> LeadCoverage.Reason? {
        place(of: Lead.standard[channel]).flatMap { reason(of: states[$0], in: window) }
    }

    /// A limb lead that the gateway computed rests on the first two limb leads that it measured.
    private func gatewayReason(of state: LeadState, in window: Range<GridIndex>) -> LeadCoverage.Reason? {
        guard state.isDerivedByGateway, state.lead < .v1 else { return nil }
        let measured = states.lazy.filter {
            $0.lead < .v1 && !$0.isDerivedByGateway && isSent($0.lead, before: window.upperBound)
        }
        return measured.prefix(2).lazy.compactMap { reason(of: $0, in: window) }.first
    }

    private func isSent(_ lead: Lead, before end: GridIndex) -> Bool {
        guard let line = front.line(of: lead) else { return false }
        return line.firstGridSample < end
    }
}
