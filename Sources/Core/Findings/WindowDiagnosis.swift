public import ECGSignal

/// What one window says: the statements ranked, what was withheld and why, and the signal it rests on.

/// A statement of the ranking.
public struct RankedStatement: Sendable, Equatable {
    /// Its row in the catalogue.
    public let statement: Statement
    /// Mean over both languages of the cosine similarity, -1 to 1.
    public let similarity: Double
    /// Calibrated, 0 to 1.
    public let probability: Double

    /// The statement with its two figures.
    public init(statement: Statement, similarity: Double, probability: Double) {
        self.statement = statement
        self.similarity = similarity
        self.probability = probability
    }
}

/// A statement that may not be made of this window.
public struct WithheldStatement: Sendable, Equatable {
    /// Why.
    public enum Reason: String, Sendable {
        /// The used leads do not meet `needs`.
        case leadsMissing = "leads_missing"
    }
    /// Its row in the catalogue; `minimumLeads` is what it needs.
    public let statement: Statement
    /// Why.
    public let reason: Reason

    /// The statement with its reason.
    public init(statement: Statement, reason: Reason) {
        self.statement = statement
        self.reason = reason
    }
}

/// The share of a window's samples that one lead has, and where they come from.
public struct LeadCoverage: Sendable, Equatable {
    /// Where a lead's samples come from.
    public enum Source: String, Sendable {
        /// Sent by the gateway as measured.
        case measured
        /// Computed, here or by the gateway, from other leads.
        case derived
        /// A patch or strap without a standard position that stands here.
        case patch
        /// Never sent, and nothing to compute it from.
        case absent
    }
    /// Why a lead that was sent carries no ECG in the window.
    public enum Reason: String, Sendable {
        /// It stands still: one value, or less than 0.05 mV from peak to peak in the encoder's band.
        case flat
        /// It is beyond what an ECG reaches: above 8 mV in the encoder's band in more than half of the seconds.
        case range
        /// The device said that the electrode was off for more than a tenth of the window.
        case off
    }
    /// One of the standard twelve.
    public let lead: Lead
    /// Samples present in the window, 0 to 5,000.
    public let samplesPresent: Int
    /// Where they come from.
    public let source: Source
    /// Why no statement may rest on the lead although it was sent; nil where its samples alone decide.
    public let reason: Reason?

    /// What a lead has of a window.
    public init(lead: Lead, samplesPresent: Int, source: Source, reason: Reason? = nil) {
        self.lead = lead
        self.samplesPresent = samplesPresent
        self.source = source
        self.reason = reason
    }

    /// The share present, 0 to 1.
    public var share: Double { Double(samplesPresent) / Double(Grid.windowSamples) }

    /// Whether statements may rest on the lead: at least 0.9 of it is there, and nothing says that it carries no ECG.
    public var isUsed: Bool { samplesPresent * 10 >= Grid.windowSamples * 9 && reason == nil }
}

/// What makes figures comparable: the first 16 hex digits of the SHA-256 of model.json, label bank and catalogue.
public struct Revisions: Sendable, Hashable {
    /// Of the bytes of model.json, which holds the weights' hash.
    public let model: String
    /// Of the bytes of label-bank.safetensors.
    public let bank: String
    /// Of the bytes of labels.tsv.
    public let catalogue: String

    /// The three revisions.
    public init(model: String, bank: String, catalogue: String) {
        self.model = model
        self.bank = bank
        self.catalogue = catalogue
    }
}

/// The finding of one window of one stream.
public struct WindowDiagnosis: Sendable, Equatable {
    /// Why a whole window is withheld.
    public enum WindowWithheld: String, Sendable {
        /// No lead was ever sent that the encoder has a place for.
        case leadsMissing = "leads_missing"
        /// No lead has 0.9 of its samples.
        case coverage
        /// No lead carries an ECG, or what a dead lead sent has reached the encoder before it was masked.
        case quality
    }

    /// First grid sample of the window, a multiple of the hop.
    public let firstSample: GridIndex
    /// The first grid sample that the stream has; not 0 where it was joined under way.
    public let joinedAt: GridIndex
    /// The twelve standard leads in their order.
    public let leads: [LeadCoverage]
    /// At most ten, most similar first; ties in catalogue order.
    public let top: [RankedStatement]
    /// In catalogue order.
    public let withheld: [WithheldStatement]
    /// Nil where the window was ranked.
    public let windowWithheld: WindowWithheld?
    /// What it was made with.
    public let revisions: Revisions
    /// UTC of the window's first sample.
    public let start: UTCNanoseconds
    /// UTC of the window's end: one past its last sample.
    public let end: UTCNanoseconds

    /// The finding as given.
    public init(
        firstSample: GridIndex,
        joinedAt: GridIndex,
        leads: [LeadCoverage],
        top: [RankedStatement],
        withheld: [WithheldStatement],
        windowWithheld: WindowWithheld?,
        revisions: Revisions,
        start: UTCNanoseconds,
        end: UTCNanoseconds
    ) {
        self.firstSample = firstSample
        self.joinedAt = joinedAt
        self.leads = leads
        self.top = top
        self.withheld = withheld
        self.windowWithheld = windowWithheld
        self.revisions = revisions
        self.start = start
        self.end = end
    }

    /// The leads that statements rest on, in channel order.
    public var usedLeads: [Lead] { leads.filter(\.isUsed).map(\.lead) }

    /// Mean share over the used leads; nil where there is none.
    public var coverage: Double? {
        let used = leads.filter(\.isUsed)
        guard !used.isEmpty else { return nil }
        let present = used.reduce(0) { $0 + $1.samplesPresent }
        return Double(present) / Double(used.count * Grid.windowSamples)
    }
}
