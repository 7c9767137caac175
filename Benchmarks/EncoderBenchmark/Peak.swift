import CPeak
import ECGEncoder

extension KernelForm {
    /// The most that this processor does now with the form's instructions, in multiply-adds a nanosecond.
    ///
    /// The best of twelve short rounds, which fall between the turns of other work.
    func measurePeak() -> Double {
        let place = KernelForm.allCases.firstIndex(of: self) ?? 0
        var best = 0.0
        for _ in 0..<12 {
            var count = 0.0
            let time = ThreadClock.nanoseconds { count = cp_run(Int32(place), 10_000) }
            best = max(best, count / Double(time))
        }
        return best
    }
}
