internal import ECGSignal
internal import Findings
internal import FrameLog
internal import Wire

/// What there is to know of a frame log, for people and for programs.
struct FrameLogPage {
    /// Senders that are told apart at most; what comes from others is counted without its name.
    private static let sendersMax = 100_000

    private let reader: FrameLogReader
    private var frames = 0
    private var frameBytes = 0
    private var ticks = 0
    private var quietTicks = 0
    private var commands = 0
    private var policies = 0
    private var authorisations = 0
    private var first: Arrival?
    private var last: Arrival?
    private var senders: Set<String> = []
    /// The patients of whom frames came, as far as senders are told apart.
    private(set) var patients: Set<String> = []
    /// Why the rest of the log cannot be read; nil where all was.
    let damage: FrameLogError?

    /// Reads the log to its end, or to where it is damaged.
    init(_ path: String) throws(FrameLogError) {
        var reader = try FrameLogReader(path)
        var damage: FrameLogError?
        do throws(FrameLogError) {
            while let entry = try reader.next() {
                first = first ?? entry.arrival
                last = entry.arrival
                switch entry.content {
                case .frame(let message, _, _):
                    frames += 1
                    frameBytes += message.byteCount
                    if case .parts(let parts) = message,
                        let topic = Topic(bytes: AcknowledgedChunk(parts: parts)?.parts[2] ?? parts[0]),
                        senders.count < FrameLogPage.sendersMax
                    {
                        senders.insert(topic.text)
                        patients.insert(topic.patient)
                    }
                case .tick(let isQuiet):
                    ticks += 1
                    quietTicks += isQuiet ? 1 : 0
                case .command: commands += 1
                case .policy: policies += 1
                case .authorisation: authorisations += 1
                case .memory, .recovery, .shutdown: break
                }
            }
        } catch { damage = error }
        self.reader = reader
        self.damage = damage
    }

    /// What a person should know of a log that was read to its end.
    static func remarks(_ reader: FrameLogReader) -> [String] {
        var remarks: [String] = []
        if reader.header.firstEntry > 1 {
            remarks.append(
                "it begins with entry \(reader.header.firstEntry) of its run; streams that were open then are joined under "
                    + "way, so their first events may differ from those of the daemon"
            )
        }
        if reader.tornByteCount > 0 {
            remarks.append(
                "its last \(reader.tornByteCount) bytes are no whole record and are left out: the daemon ended, or the "
                    + "disk failed, in the midst of writing"
            )
        }
        if !reader.hasShutdown {
            remarks.append(
                "it ends without a shutdown: the daemon was killed, could not write on, or still runs"
            )
        }
        return remarks
    }

    private var seconds: Double {
        guard let first, let last else { return 0 }
        return Double(last.monotonic - first.monotonic) / 1e9
    }

    /// A page of text.
    var lines: [String] {
        let header = reader.header
        var lines = [
            "log       run \(header.run) of node \(header.node), by \(header.program)",
            "begin     \(timestamp(header.arrival.utc))",
            "length    \(JSONValue.decimal(seconds, places: 1).canonicalText) s, \(reader.entryCount) entries, "
                + "\(reader.byteCount) bytes in \(reader.segmentCount == 1 ? "1 segment" : "\(reader.segmentCount) segments")",
            "frames    \(frames) of \(senders.count == 1 ? "1 device" : "\(senders.count) devices"), \(frameBytes) bytes",
            "ticks     \(ticks), \(quietTicks) of them quiet",
            "commands  \(commands)",
            "policy    \(header.policy.isEmpty ? "the defaults" : "a file of \(header.policy.utf8.count) bytes")"
                + (policies == 0 ? "" : ", read again \(policies) times"),
            "keys      \(header.authorisation.isEmpty ? "none asked for" : "a file of \(header.authorisation.utf8.count) bytes")"
                + (authorisations == 0 ? "" : ", read again \(authorisations) times"),
            "hop       \(header.hop), horizon \(header.horizonSeconds) s, streams-max \(header.streamsMax), "
                + "idle-seconds \(header.idleSeconds)",
            "model     \(header.modelName)",
            "          model \(header.revisions.model)  bank \(header.revisions.bank)  catalogue "
                + header.revisions.catalogue,
        ]
        lines += FrameLogPage.remarks(reader).map { "remark    \($0)" }
        if let damage { lines.append("damaged   \(damage)") }
        return lines
    }

    /// The same facts as one object.
    var json: JSONValue {
        let header = reader.header
        return .object([
            "authorisation": header.authorisation.isEmpty ? .null : .string(header.authorisation),
            "authorisations": .integer(Int64(authorisations)),
            "bank": .string(header.revisions.bank), "begin": .string(timestamp(header.arrival.utc)),
            "bytes": .integer(Int64(reader.byteCount)), "catalogue": .string(header.revisions.catalogue),
            "commands": .integer(Int64(commands)), "damage": .stringOrNull(damage?.description),
            "devices": .integer(Int64(senders.count)), "entries": .integer(Int64(reader.entryCount)),
            "first_entry": .integer(Int64(header.firstEntry)), "frame_bytes": .integer(Int64(frameBytes)),
            "frames": .integer(Int64(frames)), "has_shutdown": .bool(reader.hasShutdown),
            "hop": .integer(Int64(header.hop)), "horizon_seconds": .integer(Int64(header.horizonSeconds)),
            "idle_seconds": .integer(Int64(header.idleSeconds)), "model": .string(header.revisions.model),
            "model_name": .string(header.modelName), "node": .string(header.node),
            "policies": .integer(Int64(policies)),
            "policy": header.policy.isEmpty ? .null : .string(header.policy),
            "program": .string(header.program), "quiet_ticks": .integer(Int64(quietTicks)),
            "run": .string(header.run), "seconds": .decimal(seconds, places: 3),
            "segments": .integer(Int64(reader.segmentCount)),
            "streams_max": .integer(Int64(header.streamsMax)), "ticks": .integer(Int64(ticks)),
            "torn_bytes": .integer(Int64(reader.tornByteCount)),
        ])
    }
}
