public import ECGSignal

/// Why a message was not taken: the code of PROTOCOL.md section 7, and what could be read of it.
public struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The code, which is a row of the wire's table of refusals.
    public let code: TechnicalEvent.Code
    /// What is wrong, where, with which value, and what to do; it names no samples.
    public let detail: String
    /// The patient and device of the topic; nil where it could not be read.
    public private(set) var sender: Sender?
    /// The stream, where topic and body name the same one; its ledger counts the samples as refused.
    public let stream: StreamIdentity?
    /// The chunk's number in its stream; nil where it could not be read.
    public let sequence: UInt64?
    /// ceil(500 n / r) of the chunk's first sample n; nil where rate or index is not valid.
    public let firstSample: GridIndex?
    /// The known leads of the chunk, for the ledger.
    public let leads: [Lead]
    /// How many samples each of `leads` claims to have.
    public let sampleCount: Int

    /// Makes a refusal of its reason and of what could be read of the chunk.
    public init(
        _ code: TechnicalEvent.Code,
        _ detail: String,
        sender: Sender? = nil,
        stream: StreamIdentity? = nil,
        sequence: UInt64? = nil,
        firstSample: GridIndex? = nil,
        leads: [Lead] = [],
        sampleCount: Int = 0
    ) {
        self.code = code
        self.detail = detail
        self.sender = sender
        self.stream = stream
        self.sequence = sequence
        self.firstSample = firstSample
        self.leads = leads
        self.sampleCount = sampleCount
    }

    /// This refusal for a message whose topic names `sender`.
    public func sent(by sender: Sender) -> Refusal {
        var copy = self
        copy.sender = sender
        return copy
    }

    /// The message, `CODE: detail`.
    public var description: String { "\(code.rawValue): \(detail)" }
}

/// The sender that a topic names: one device of one patient, whatever its epoch.
public struct Sender: Hashable, Sendable, Codable {
    /// The patient's id, 1 to 64 letters, digits, `-` and `_`.
    public let patient: String
    /// The device's id, 1 to 64 letters, digits, `-` and `_`.
    public let device: String

    /// Makes a sender of two ids that the caller has checked.
    public init(patient: String, device: String) {
        self.patient = patient
        self.device = device
    }

    /// The sender of that stream's chunks.
    public init(of stream: StreamIdentity) { self.init(patient: stream.patient, device: stream.device) }
}

/// A message that was read: the chunk, or the reason why it was refused.
public typealias JudgedMessage = Result<LeadChunk, Refusal>
