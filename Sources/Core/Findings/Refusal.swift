public import ECGSignal

/// Why a message was not taken: the code of PROTOCOL.md section 7, and what could be read of it.
public struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The row of the table.
    public let code: TechnicalEvent.Code
    /// What, where, which value, what to do; no samples, no ids.
    public let detail: String
    /// The stream, where topic and body name the same one; its ledger counts the samples as refused.
    public let stream: StreamIdentity?
    /// ceil(500 n / r) of the chunk's first sample n; nil where rate or index is not valid.
    public let firstSample: GridIndex?
    /// The known leads of the chunk, for the ledger.
    public let leads: [Lead]
    /// Samples that each of `leads` claims.
    public let sampleCount: Int

    /// The reason, and what could be read.
    public init(
        _ code: TechnicalEvent.Code,
        _ detail: String,
        stream: StreamIdentity? = nil,
        firstSample: GridIndex? = nil,
        leads: [Lead] = [],
        sampleCount: Int = 0
    ) {
        self.code = code
        self.detail = detail
        self.stream = stream
        self.firstSample = firstSample
        self.leads = leads
        self.sampleCount = sampleCount
    }

    /// `CODE: detail`.
    public var description: String { "\(code.rawValue): \(detail)" }
}
