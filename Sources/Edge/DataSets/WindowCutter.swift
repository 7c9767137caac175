/// Windows of a recording as the daemon's encoder would see them: read by the pipeline's own reader of windows.
public import Conditioning
public import ECGSignal
private import Findings
public import Recordings

/// Cuts recordings into conditioned windows; one a thread, since tables are kept from one recording to the next.
public struct WindowCutter {
    private var reader = WindowReader()

    /// A cutter that has seen nothing yet.
    public init() {}

    /// Windows that lie as far apart as a hop may be: 4,992 grid samples, 9.984 s.
    public static let apart = 4_992

    /// The first windows of a recording, `hop` grid samples apart, at most `count` of them.
    ///
    /// A recording of 9 to 10 s gives one window whose end is 0 and counts as missing; a shorter one gives none.
    /// - Parameters:
    ///   - recording: Any rate that the daemon takes.
    ///   - leads: Only these are sent, the limb leads that follow from two of them are derived; nil sends all.
    ///   - nameLeads: What the channels are, where their names do not say it.
    ///   - hop: Grid samples, one of those that `Hop` allows.
    ///   - count: At least 1.
    /// - Returns: The windows in their order; empty for a recording that is too short.
    /// - Throws: A `RecordingError` where the channels cannot be taken as leads or a rate cannot be resampled.
    public mutating func windows(
        of recording: Recording,
        leads: [Lead]? = nil,
        nameLeads: String? = nil,
        hop: Int = WindowCutter.apart,
        atMost count: Int = 1
    ) throws(RecordingError) -> [ConditionedWindow] {
        let stream = try RecordedStream.read(
            recording,
            leads: leads.map { $0.map(\.name).joined(separator: ",") },
            nameLeads: nameLeads
        ).stream
        var chunks = stream.chunks
        var windows: [ConditionedWindow] = []
        do {
            try reader.forEachWindow(
                hop: try Hop(samples: hop),
                from: { try chunks.next() },
                { window in
                    windows.append(window)
                    if windows.count >= count { throw Enough() }
                }
            )
        } catch is Enough {
            return windows
        } catch let error as RecordingError {
            throw error
        } catch {
            throw RecordingError(.unsupported, recording.path, "\(error)")
        }
        return windows
    }

    /// As many windows as were asked for have been cut.
    private struct Enough: Error {}
}

extension ConditionedWindow {
    /// The leads that statements may rest on.
    public var usedLeads: LeadSet { LeadSet(leads.filter(\.isUsed).map(\.lead)) }

    /// Whether the daemon says nothing of the window because of its leads, by the daemon's own rule.
    public var isWithheld: Bool { !leads.canBearStatements(isDisturbed: isDisturbed) }

    /// The leads that were sent or follow from those that were.
    public var knownLeads: LeadSet { LeadSet(leads.filter { $0.source != .absent }.map(\.lead)) }
}
