import Conditioning
import ECGSignal
import Findings
import Foundation
import Recordings

/// Counts how many leads of real recordings would be taken for leads that carry no ECG, and shows the smallest ones.
///
///     .build/release/LeadSurvey FOLDER...
///
/// Every WFDB record below each FOLDER goes the daemon's way up to its windows. Prints for each folder the windows, the
/// leads in them by the reason why they are not used, and the leads with the least peak to peak in the encoder's band.
struct LeadSurvey {
    private struct Found {
        let name: String
        let millivolts: Float
    }

    private var reader = WindowReader()
    private var records = 0
    private var unread = 0
    private var windows = 0
    private var withheld = 0
    private var leads = 0
    private var reasons: [String: Int] = [:]
    private var windowsWithReason = 0
    private var amplitudes: [Found] = []
    private var dead: [String] = []

    mutating func take(_ path: String, named name: String) {
        guard let recording = try? Recording.load(path), let (stream, _) = try? RecordedStream.read(recording)
        else {
            unread += 1
            return
        }
        records += 1
        var chunks = stream.chunks
        var windows: [ConditionedWindow] = []
        do {
            try reader.forEachWindow(from: { try chunks.next() }, { windows.append($0) })
        } catch {
            unread += 1
        }
        for window in windows { take(window, named: name) }
    }

    private mutating func take(_ window: ConditionedWindow, named name: String) {
        windows += 1
        if window.isDisturbed || !window.leads.contains(where: \.isUsed) { withheld += 1 }
        if window.leads.contains(where: { $0.reason != nil }) { windowsWithReason += 1 }
        for (channel, lead) in window.leads.enumerated() where lead.source != .absent {
            leads += 1
            if let reason = lead.reason {
                reasons[reason.rawValue, default: 0] += 1
                dead.append("\(name) \(lead.lead.name) at \(window.start): \(reason.rawValue)")
            }
            var least = Float.infinity
            var greatest = -Float.infinity
            for time in 0..<4_992 {
                least = min(least, window.rows[time * Lead.channelCount + channel])
                greatest = max(greatest, window.rows[time * Lead.channelCount + channel])
            }
            if lead.isUsed, lead.source == .measured {
                amplitudes.append(Found(name: "\(name) \(lead.lead.name)", millivolts: greatest - least))
            }
        }
    }

    mutating func print(of folder: String) {
        let counts = reasons.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(
            separator: ", "
        )
        Swift.print(
            "\(folder): \(records) records (\(unread) could not be read), \(windows) windows, \(leads) leads in them; "
                + "not used: \(counts.isEmpty ? "none" : counts), in \(windowsWithReason) windows; "
                + "withheld windows \(withheld)"
        )
        for line in dead.prefix(20) { Swift.print("  not used: \(line)") }
        for found in amplitudes.sorted(by: { $0.millivolts < $1.millivolts }).prefix(5) {
            Swift.print("  least that is used: \(found.name) \(found.millivolts) mV")
        }
    }
}

guard CommandLine.arguments.count >= 2 else {
    print("usage: LeadSurvey FOLDER...")
    exit(64)
}
for folder in CommandLine.arguments.dropFirst() {
    var survey = LeadSurvey()
    let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    for path in paths.filter({ $0.hasSuffix(".hea") }).sorted() {
        survey.take("\(folder)/\(path.dropLast(4))", named: String(path.dropLast(4)))
    }
    survey.print(of: folder)
}
