internal import BinaryCoding
public import ECGSignal
public import Findings
internal import Pipeline
internal import Policy

/// All that is known of one stream after one entry of the log: a checkpoint.
///
/// Its bytes are 2 of the version, 4 of the CRC-32C of what follows, and the value itself (`BinaryCoding`).
public struct StreamState: Sendable {
    /// The version of the bytes; another one is not read.
    ///
    /// It grows with every change of what is written.
    public static let version: UInt16 = 3
    /// No checkpoint is longer.
    public static let bytesMax = 32_768

    /// Why bytes are no checkpoint that can be used.
    public enum Misfit: Error, Sendable, Equatable {
        /// Another version wrote them.
        case version(UInt16)
        /// Another model or hop was at work.
        case model
        /// Bytes are damaged.
        case damaged
    }

    /// A code and how many chunks were refused by it.
    struct RefusedCount: Sendable, Codable {
        let code: TechnicalEvent.Code
        let count: Int
    }

    struct Content: Sendable, Codable {
        let hop: Hop
        let revisions: Revisions
        /// Whether a stream can go on from it without a later one.
        var isWhole: Bool
        let admission: AdmissionEntry
        var processor: StreamProcessor.Kept
        let policy: EventPolicy?
        let refused: [RefusedCount]
        let batteryPercent: Int?
        let missingChunks: Int
        let duplicateChunks: Int
    }

    var content: Content

    /// The stream that the checkpoint is of.
    public var identity: StreamIdentity { content.admission.identity }

    /// Rows below it were final.
    public var ready: GridIndex { content.processor.ready }

    /// A stream goes on from it once it was given the rows from here on.
    public var firstRow: GridIndex { content.processor.firstRow }

    /// Whether a stream can go on from it without a later one.
    public var isWhole: Bool { content.isWhole }

    init(_ content: Content) { self.content = content }

    /// Reads a checkpoint that a run with that model and hop may use.
    public init(_ bytes: [UInt8], model: Revisions, hop: Hop) throws(Misfit) {
        guard bytes.count >= 6 else { throw .damaged }
        let version = UInt16(bytes[0]) | UInt16(bytes[1]) << 8
        guard version == StreamState.version else { throw .version(version) }
        let check = bytes[2..<6].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let value = Array(bytes[6...])
        guard BinaryCoding.check(of: value) == check else { throw .damaged }
        do { content = try BinaryCoding.value(Content.self, from: value) } catch { throw .damaged }
        guard content.hop == hop, content.revisions == model else { throw .model }
    }

    /// Its bytes; nil where they would be longer than `bytesMax` whatever is left out.
    public var bytes: [UInt8]? {
        if let bytes = StreamState.bytes(of: content) { return bytes }
        var less = content
        less.processor.leaveOutSamples()
        less.isWhole = false
        return StreamState.bytes(of: less)
    }

    private static func bytes(of content: Content) -> [UInt8]? {
        guard let value = try? BinaryCoding.bytes(of: content), value.count <= bytesMax - 6 else {
            return nil
        }
        let check = BinaryCoding.check(of: value)
        let head = [
            UInt8(truncatingIfNeeded: version), UInt8(truncatingIfNeeded: version >> 8),
            UInt8(truncatingIfNeeded: check), UInt8(truncatingIfNeeded: check >> 8),
            UInt8(truncatingIfNeeded: check >> 16), UInt8(truncatingIfNeeded: check >> 24),
        ]
        return head + value
    }
}

/// What admission knows of a stream when a checkpoint of it is due.
public struct AdmissionPart: Sendable {
    /// Nil at the stream's first chunk, before which nothing is known of it.
    let entry: AdmissionEntry?
}

/// A checkpoint on its way to whoever keeps it.
public struct KeptCheckpoint: Sendable, Equatable {
    /// The stream that the checkpoint is of.
    public let stream: StreamIdentity
    /// What the journal is to keep of the stream.
    public let content: Content

    /// What is to be kept of a stream.
    public enum Content: Sendable, Equatable {
        /// The stream has begun: its first chunk is the entry at hand.
        case opening
        /// All that is known of it where rows below `ready` are final.
        case state(ready: GridIndex, [UInt8])
        /// The stream is over, nothing has to be kept.
        case over
    }
}
