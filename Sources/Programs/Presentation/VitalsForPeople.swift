internal import Findings
internal import Foundation
public import Wire

/// The vital signs of a second as people read them.
public struct VitalsForPeople: Sendable {
    private let data: JSONObject

    /// Reads the `data` of a vitals event.
    public init(_ data: JSONObject) { self.data = data }

    /// `HR 72/min of 12 beats, RR 833 ms, 3 ectopic/min`; in the place of a value why there is none.
    public var text: String {
        let beats = data["beats"]?.whole ?? 0
        let rate = value("heart_rate").map { "HR \($0)/min of \(beats) beats" }
        let interval = value("rr").map { ", RR \($0) ms" } ?? ""
        let ectopic = value("ectopic_per_min").map { ", \($0) ectopic/min" } ?? ""
        return (rate ?? "HR -- (\(why("heart_rate")))") + interval + ectopic
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
        case nil: "unknown"
        }
    }
}
