/// Shares as a person reads them.
enum Percent {
    /// A probability: two digits, never 0 % for something and never 100 %, since no model is certain.
    ///
    /// What lies below a threshold is rounded down, so that it does not read as if it reached it.
    static func probability(
        _ share: Double,
        _ rule: FloatingPointRoundingRule = .toNearestOrAwayFromZero
    ) -> String {
        // A share of four decimals may lie a little below them as a Double; a billionth keeps `.down` from seeing that.
        let percent = min(max(share, 0), 1) * 100 + (rule == .down ? 1e-9 : 0)
        let hundredths = Int((percent * 100).rounded(rule))
        let tenths = Int((percent * 10).rounded(rule))
        let whole = Int(percent.rounded(rule))
        if whole >= 100 { return "over 99 %" }
        if tenths >= 100 { return "\(whole) %" }
        if hundredths >= 100 { return "\(tenths / 10).\(tenths % 10) %" }
        if hundredths > 0 { return "0.\(hundredths < 10 ? "0" : "")\(hundredths) %" }
        return share > 0 ? "under 0.01 %" : "0 %"
    }

    /// A share of the signal, rounded down, so that 100 % means all of it.
    ///
    /// A billionth is added first, because a share such as 0.29 has no exact Double and would lose a whole percent.
    static func signal(_ share: Double) -> String { "\(Int(min(max(share, 0), 1) * 100 + 1e-9)) %" }
}
