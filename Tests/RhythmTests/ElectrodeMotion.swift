import TestSupport

/// What a moving electrode makes: samples that hang together over 20 to 60 ms, 2 to 4 mV from peak to peak.
func electrodeMotion(_ count: Int, _ generator: inout SeededGenerator) -> [Float] {
    let smoothness = Int.random(in: 10...30, using: &generator)
    let height = Float.random(in: 2...4, using: &generator)
    let raw = (0..<count + smoothness).map { _ in Float.random(in: -1...1, using: &generator) }
    let sums = (0..<count).map { start in raw[start..<start + smoothness].reduce(0, +) }
    let reach = (sums.max() ?? 1) - (sums.min() ?? 0)
    return sums.map { $0 * height / max(reach, 1e-6) }
}
