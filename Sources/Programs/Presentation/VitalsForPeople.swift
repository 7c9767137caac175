internal import Findings
internal import Foundation
public import Wire

/// The vital signs of a second as people read them.
public struct VitalsForPeople: Sendable {
    private let data: JSONObject

    /// Reads the `data` of a vitals event.
    public init(_ data: JSONObject) { self.data = data }

    /// `HR 72/min of 12 beats, RR 833 ms, 3 ectopic/min, PR 158, QRS 92, QT 390, QTcB 427, QTcF 414 ms of 8 beats`; in
    /// the place of a value why there is none.
    public var text: String {
        let beats = data["beats"]?.whole ?? 0
        let rate = value("heart_rate").map { "HR \($0)/min of \(beats) beats" }
        let interval = value("rr").map { ", RR \($0) ms" } ?? ""
        let ectopic = value("ectopic_per_min").map { ", \($0) ectopic/min" } ?? ""
        return (rate ?? "HR -- (\(why("heart_rate")))") + interval + ectopic + intervals + highestST
    }

    /// The lead whose ST lies furthest from the baseline; nothing where it is not known.
    private var highestST: String {
        let levels = (data["st"]?.object?.members ?? []).compactMap { member in
            member.value.real.flatMap { abs($0) < 1e3 ? (name: member.name, level: $0) : nil }
        }
        guard let most = levels.max(by: { abs($0.level) < abs($1.level) }) else { return "" }
        return ", ST " + String(format: "%+.2f", most.level) + " mV in \(Printable.line(most.name))"
            + (levels.count > 1 ? ", the furthest" : "")
    }

    /// The intervals, or why none of them is known; nothing where that is why the rate is not known either.
    private var intervals: String {
        let names = [
            ("PR", "pr"), ("QRS", "qrs"), ("QT", "qt"), ("QTcB", "qtc_bazett"), ("QTcF", "qtc_fridericia"),
        ]
        guard names.contains(where: { value($0.1) != nil }) else {
            let reason = why("qrs")
            return data["qrs"] == nil || reason == why("heart_rate") ? "" : ", intervals -- (\(reason))"
        }
        let parts = names.map { name, member in
            value(member).map { "\(name) \($0)" } ?? "\(name) -- (\(why(member)))"
        }
        return ", " + parts.joined(separator: ", ") + " ms of \(data["interval_beats"]?.whole ?? 0) beats"
    }

    private func value(_ name: String) -> String? {
        data[name]?.real.flatMap { $0.isFinite && abs($0) < 1e6 ? String(format: "%.0f", $0) : nil }
    }

    private func why(_ name: String) -> String {
        switch data["why"]?.object?[name]?.text.flatMap(VitalSigns.Reason.init(rawValue:)) {
        case .noSignal: "no signal"
        case .noise: "noise"
        case .starting: "starting"
        case .noBeats: "no beats"
        case .fibrillation: "fibrillation"
        case .fewBeats: "few usual beats"
        case .unclear: "unclear"
        case .atrialFibrillation: "atrial fibrillation"
        case .bandwidth: "filters unknown or too narrow"
        case .wideQRS: "wide QRS"
        case .paced: "paced"
        case .leadUnknown: "lead unknown"
        case nil: "unknown"
        }
    }
}
