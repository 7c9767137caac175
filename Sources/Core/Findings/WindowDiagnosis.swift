public import ECGSignal

/// What one window says: the statements ranked, what was withheld and why, and the signal it rests on.

/// A statement of the ranking.
public struct RankedStatement: Sendable, Equatable {
    /// The statement's row in the catalogue.
    public let statement: Statement
    /// How similar the ECG is to the sentence: the mean over both languages of the cosine, -1 to 1.
    public let similarity: Double
    /// The calibrated probability, 0 to 1; nil where the model has none for the leads of the window.
    public let probability: Double?

    /// Makes a ranked statement of its two figures.
    public init(statement: Statement, similarity: Double, probability: Double?) {
        self.statement = statement
        self.similarity = similarity
        self.probability = probability
    }
}

/// A statement that may not be made of this window.
public struct WithheldStatement: Sendable, Equatable {
    /// Why a statement may not be made.
    public enum Reason: String, Sendable {
        /// The used leads do not meet `needs`.
        case leadsMissing = "leads_missing"
    }
    /// The statement's row in the catalogue, whose `minimumLeads` says what it needs.
    public let statement: Statement
    /// Why it may not be made.
    public let reason: Reason

    /// Makes a withheld statement with its reason.
    public init(statement: Statement, reason: Reason) {
        self.statement = statement
        self.reason = reason
    }
}

/// The share of a window's samples that one lead has, and where they come from.
public struct LeadCoverage: Sendable, Equatable {
    /// Where a lead's samples come from.
    public enum Source: String, Sendable {
        /// The gateway sent them as measured.
        case measured
        /// They were computed, here or by the gateway, from other leads.
        case derived
        /// A patch or strap without a standard position stands in this place.
        case patch
        /// The lead was never sent, and there is nothing to compute it from.
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
    /// The lead, one of the standard twelve.
    public let lead: Lead
    /// How many samples of the window are present, 0 to 5,000.
    public let samplesPresent: Int
    /// Where the samples come from.
    public let source: Source
    /// Why no statement may rest on the lead although it was sent; nil where its samples alone decide.
    public let reason: Reason?

    /// Makes the share of one lead.
    public init(lead: Lead, samplesPresent: Int, source: Source, reason: Reason? = nil) {
        self.lead = lead
        self.samplesPresent = samplesPresent
        self.source = source
        self.reason = reason
    }

    /// The share of the window's samples that are present, 0 to 1.
    public var share: Double { Double(samplesPresent) / Double(Grid.windowSamples) }

    /// Whether statements may rest on the lead: at least 0.9 of it is there, and nothing says that it carries no ECG.
    public var isUsed: Bool { samplesPresent * 10 >= Grid.windowSamples * 9 && reason == nil }
}

extension [LeadCoverage] {
    /// Whether statements may be made of the window that these are the leads of: one of them can be used, and the encoder
    /// sees nothing of what a dead lead sent (`isDisturbed`).
    ///
    /// The daemon, training and evaluation ask this of every window. The daemon alone has a rhythm lane, and withholds a
    /// window in which the lane sees no beat or a fibrillation too.
    public func canBearStatements(isDisturbed: Bool) -> Bool { !isDisturbed && contains(where: \.isUsed) }
}

/// What makes figures comparable: the first 16 hex digits of the SHA-256 of model.json, label bank and catalogue.
public struct Revisions: Sendable, Hashable, Codable {
    /// The revision of model.json, which holds the hash of the weights.
    public let model: String
    /// The revision of label-bank.safetensors.
    public let bank: String
    /// The revision of labels.tsv.
    public let catalogue: String

    /// Makes a set of the three revisions.
    public init(model: String, bank: String, catalogue: String) {
        self.model = model
        self.bank = bank
        self.catalogue = catalogue
    }
}

/// The finding of one window of one stream.
public struct WindowDiagnosis: Sendable, Equatable {
    /// Why a whole window is withheld.
    public enum WindowWithheld: String, Sendable, Codable {
        /// No lead was ever sent that the encoder has a place for.
        case leadsMissing = "leads_missing"
        /// No lead has nine tenths of its samples.
        case coverage
        /// No lead carries an ECG, no beat was found, the leads fibrillate, or what a dead lead sent has reached the
        /// encoder before it was masked.
        case quality
    }

    /// The first grid sample of the window, a multiple of the hop.
    public let firstSample: GridIndex
    /// The first grid sample that the stream has; not 0 where it was joined under way.
    public let joinedAt: GridIndex
    /// The twelve standard leads in their order.
    public let leads: [LeadCoverage]
    /// The ranked statements, at most ten, the most similar first; equal ones keep the catalogue's order.
    public let top: [RankedStatement]
    /// The statements that were withheld, in the catalogue's order.
    public let withheld: [WithheldStatement]
    /// The name of the leads that the probabilities were fitted for, as `12` or `limb`; nil where the model was never
    /// fitted or none of its sets is among the used leads.
    public let fittedLeads: String?
    /// Why the whole window is withheld; nil where it was ranked.
    public let windowWithheld: WindowWithheld?
    /// What the signal of the window is worth, whatever its leads and the statements are.
    public let quality: SignalQuality.Grade
    /// The revisions that it was made with.
    public let revisions: Revisions
    /// The time of the window's first sample in UTC.
    public let start: UTCNanoseconds
    /// The time of the window's end, one past its last sample, in UTC.
    public let end: UTCNanoseconds

    /// Makes a finding of these values.
    public init(
        firstSample: GridIndex,
        joinedAt: GridIndex,
        leads: [LeadCoverage],
        top: [RankedStatement],
        withheld: [WithheldStatement],
        fittedLeads: String? = nil,
        windowWithheld: WindowWithheld?,
        quality: SignalQuality.Grade,
        revisions: Revisions,
        start: UTCNanoseconds,
        end: UTCNanoseconds
    ) {
        self.firstSample = firstSample
        self.joinedAt = joinedAt
        self.leads = leads
        self.top = top
        self.withheld = withheld
        self.fittedLeads = fittedLeads
        self.windowWithheld = windowWithheld
        self.quality = quality
        self.revisions = revisions
        self.start = start
        self.end = end
    }

    /// The leads that statements rest on, in channel order.
    public var usedLeads: [Lead] { leads.filter(\.isUsed).map(\.lead) }

    /// The mean share over the used leads; nil where there is none.
    public var coverage: Double? {
        var used = 0
        var present = 0
        for lead in leads where lead.isUsed {
            used += 1
            present += lead.samplesPresent
        }
        return used == 0 ? nil : Double(present) / Double(used * Grid.windowSamples)
    }
}
