internal import Mathematics

/// How much the newest beats resemble each other, which is how beats are told from tops of noise.
///
/// Beats of one heart repeat a few shapes, also in a ventricular tachycardia or an irregular rhythm, and the leads rest
/// between them; tops of noise repeat none, and nothing rests. Each beat is laid on the twelve around it and keeps the
/// greatest correlation that it has with any of them, less where one of the two is much greater. What the leads still do
/// at the quietest place before the beat is subtracted from that. Chosen on half of the CinC 2017 recordings among
/// twelve features; docs/RHYTHM.md has the others.
struct BeatAgreement: Sendable, Equatable, Codable {
    /// Beats that are remembered.
    static let beatsMax = 12
    /// The greatest number of beats over which the mean is taken.
    static let beatsJudged = 8
    /// The mean is taken over so many beats at least, however old they are; before there is none.
    static let beatsMin = 3
    /// Otherwise over those of so many samples: 4 s.
    static let reachSamples = 2_000
    /// What a beat of e times the height counts less, beyond the first 0.3.
    static let gainCost = 0.2
    /// What a unit of activity between beats, beside that at beats, counts less.
    static let troughCost = 0.5
    /// From here on a mean is that of a heart.
    static let trustedMin = 0.75
    /// From here on a single beat is so much like another one that its height may be learned.
    static let alike = 0.9

    /// What is written of it; the rest is worked out anew.
    private enum CodingKeys: CodingKey {
        case places, likeness, troughs, energies, shapes, taken, vouching
    }

    private var places = [Int](repeating: 0, count: beatsMax)
    /// The greatest correlation of each beat with any other.
    private var likeness = [Double](repeating: 0, count: beatsMax)
    private var troughs = [Double](repeating: 0, count: beatsMax)
    private var energies = [Float](repeating: 0, count: beatsMax)
    /// `[value][slot]` in fours of slots, so that a beat is laid on four others at once.
    private var shapes = [SIMD4<Float>](repeating: .zero, count: BeatShape.valueCount * beatsMax / 4)
    /// `[shift][slot]` in fours of slots: the sums of products of the newest beat with the others.
    private var products = [SIMD4<Float>](repeating: .zero, count: BeatShape.shifts.count * beatsMax / 4)
    private var taken = 0
    /// The slots, as bits, of beats whose shape may vouch for complexes of which there is doubt.
    private var vouching = 0

    /// Forgets all beats: those that come may be seen in other leads.
    mutating func restart() {
        taken = 0
        vouching = 0
    }

    /// Takes the shape of the beat at `place`; the beats come in order.
    ///
    /// One that does not vouch was found while leads that show beats were silent, and may be a moving electrode's.
    mutating func take(_ shape: BeatShape, at place: Int, trough: Double, vouches: Bool) {
        let slot = taken % BeatAgreement.beatsMax
        var greatest = 0.0
        multiply(shape)
        for other in 0..<min(taken, BeatAgreement.beatsMax) where other != slot {
            let value = correlation(shape, other)
            greatest = max(greatest, value)
            likeness[other] = max(likeness[other], value)
        }
        keep(shape, in: slot)
        places[slot] = place
        troughs[slot] = trough
        likeness[slot] = greatest
        vouching = vouching & ~(1 << slot) | (vouches ? 1 << slot : 0)
        taken += 1
    }

    /// The mean over the newest beats when row `n` is the newest, at most 1; nil where there are too few.
    func mean(at n: Int) -> Double? {
        guard taken >= BeatAgreement.beatsMin else { return nil }
        var sum = 0.0
        var count = 0
        for back in 1...min(taken, BeatAgreement.beatsJudged) {
            let slot = (taken - back) % BeatAgreement.beatsMax
            if count >= BeatAgreement.beatsMin, n - places[slot] > BeatAgreement.reachSamples { break }
            sum += likeness[slot] - BeatAgreement.troughCost * troughs[slot]
            count += 1
        }
        return sum / Double(count)
    }

    /// Whether the newest beat is at `place` and so much like another one that its height may be learned.
    func isAlike(beatAt place: Int) -> Bool {
        guard taken > 0 else { return false }
        let slot = (taken - 1) % BeatAgreement.beatsMax
        return places[slot] == place && likeness[slot] >= BeatAgreement.alike
    }

    /// The greatest correlation of how a shape bends with how the beats bend that may vouch for it, whatever their heights, in the
    /// leads whose places are the bits of `seen`.
    ///
    /// Where there is none it may be one of them. Bends part P waves and a moving electrode from QRS where the shapes themselves are much alike.
    func likeness(of shape: BeatShape, in seen: Int) -> Double {
        guard vouching != 0 else { return SmallComplexes.likenessWithSpread }
        var greatest = 0.0
        for slot in 0..<min(taken, BeatAgreement.beatsMax) where vouching >> slot & 1 == 1 {
            for shift in 0..<BeatShape.shifts.count {
                greatest = max(greatest, correlation(ofBendsOf: shape, shift, slot, in: seen))
            }
        }
        return greatest
    }

    private func correlation(ofBendsOf shape: BeatShape, _ shift: Int, _ slot: Int, in seen: Int) -> Double {
        var (both, own, other) = (0.0, 0.0, 0.0)
        func kept(_ index: Int) -> Float { shapes[index * BeatAgreement.fours + slot >> 2][slot & 3] }
        for lead in 0..<BeatShape.leadsMax where seen >> lead & 1 == 1 {
            for point in 1..<BeatShape.points - 1 {
                let index = lead * BeatShape.points + point
                let place = shift * BeatShape.valueCount + index
                let old = Double(kept(index - 1) - 2 * kept(index) + kept(index + 1))
                let values = shape.values
                let new = Double(values[place - 1] - 2 * values[place] + values[place + 1])
                both += old * new
                own += old * old
                other += new * new
            }
        }
        return both / (own * other + 1).squareRoot()
    }

    private mutating func keep(_ shape: BeatShape, in slot: Int) {
        let from = -BeatShape.shifts.lowerBound * BeatShape.valueCount
        for index in 0..<BeatShape.valueCount {
            shapes[index * BeatAgreement.fours + slot >> 2][slot & 3] = shape.values[from + index]
        }
        energies[slot] = shape.energies[-BeatShape.shifts.lowerBound]
    }

    /// Lays a beat on all others: for each of them and each shift the sum of products, value by value.
    private mutating func multiply(_ shape: BeatShape) {
        let fours = BeatAgreement.fours
        let values = shape.values.span
        for shift in 0..<BeatShape.shifts.count {
            var (one, two, three) = (SIMD4<Float>.zero, SIMD4<Float>.zero, SIMD4<Float>.zero)
            for index in 0..<BeatShape.valueCount {
                let value = values[shift * BeatShape.valueCount + index]
                one += value * shapes[index * fours]
                two += value * shapes[index * fours + 1]
                three += value * shapes[index * fours + 2]
            }
            products[shift * fours] = one
            products[shift * fours + 1] = two
            products[shift * fours + 2] = three
        }
    }

    private static let fours = beatsMax / 4

    /// The greatest correlation of a beat with the one in `slot`, over the shifts, less what their heights cost.
    private func correlation(_ shape: BeatShape, _ slot: Int) -> Double {
        let own = Double(energies[slot])
        var best = 0.0
        for shift in 0..<BeatShape.shifts.count {
            let both = products[shift * BeatAgreement.fours + slot >> 2][slot & 3]
            let other = shape.energies[shift]
            let value = Double(both) / (own * Double(other) + 1).squareRoot()
            guard value > best else { continue }
            let gain = abs(ElementaryFunctions.log((Double(other) + 1) / (own + 1))) / 2
            best = max(best, value - BeatAgreement.gainCost * max(0, gain - 0.3))
        }
        return best
    }
}
