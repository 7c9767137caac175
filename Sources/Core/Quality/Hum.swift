/// How much of a second's samples is hum of the mains, from sums over the samples that stand at the same place of a
/// period; four leads at once.
///
/// Ten samples are a period of 50 Hz and 25 are three of 60 Hz, so each of these takes one sum a sample, and both are exact.
/// A sum of a second is at most fifty times 100 mV, which fits 32 bits.
struct Hum: Sendable, Equatable, Codable {
    private var fifty = [SIMD4<Int32>](repeating: .zero, count: 10)
    private var sixty = [SIMD4<Int32>](repeating: .zero, count: 25)

    /// Begins a second.
    mutating func restart() {
        for place in fifty.indices { fifty[place] = .zero }
        for place in sixty.indices { sixty[place] = .zero }
    }

    /// Takes samples in whole microvolts, the first of which stands at place `phase` of its second.
    mutating func take(_ values: Span<SIMD4<Int32>>, from phase: Int) {
        var fifty = self.fifty.mutableSpan
        var five = phase % 10
        for index in values.indices {
            fifty[five] &+= values[index]
            five = five == 9 ? 0 : five + 1
        }
        var sixty = self.sixty.mutableSpan
        var six = phase % 25
        for index in values.indices {
            sixty[six] &+= values[index]
            six = six == 24 ? 0 : six + 1
        }
    }

    /// The amplitude of the stronger of both in one lead, microvolts, at the end of a second.
    func amplitude(_ lane: Int) -> Double {
        max(
            Hum.amplitude(fifty, lane, Hum.fiftySine, Hum.fiftyCosine),
            Hum.amplitude(sixty, lane, Hum.sixtySine, Hum.sixtyCosine)
        )
    }

    private static func amplitude(
        _ sums: [SIMD4<Int32>],
        _ lane: Int,
        _ sine: [Int64],
        _ cosine: [Int64]
    ) -> Double {
        var one: Int64 = 0
        var other: Int64 = 0
        for place in sums.indices {
            one += Int64(sums[place][lane]) * sine[place]
            other += Int64(sums[place][lane]) * cosine[place]
        }
        let (a, b) = (Double(one), Double(other))
        // A sine of amplitude 1 gives 250 sums of its square, each in thousandths.
        return (a * a + b * b).squareRoot() / 250_000
    }

    // Thousandths of the sine and cosine over one period of 50 Hz, and over three of 60 Hz.
    private static let fiftySine: [Int64] = [
        0, 588, 951, 951, 588, 0, -588, -951, -951, -588,
    ]
    private static let fiftyCosine: [Int64] = [
        1_000, 809, 309, -309, -809, -1_000, -809, -309, 309, 809,
    ]
    private static let sixtySine: [Int64] = [
        0, 685, 998, 771, 125, -588, -982, -844, -249, 482, 951, 905,
        368, -368, -905, -951, -482, 249, 844, 982, 588, -125, -771, -998,
        -685,
    ]
    private static let sixtyCosine: [Int64] = [
        1_000, 729, 63, -637, -992, -809, -187, 536, 969, 876, 309, -426,
        -930, -930, -426, 309, 876, 969, 536, -187, -809, -992, -637, 63,
        729,
    ]
}
