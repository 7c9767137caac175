/// Groups of beats of one shape, learned as they come: at most eight, the least used gives way to a new one.
struct ShapeGroups: Sendable, Equatable, Codable {
    /// One group.
    struct Group: Sendable, Equatable, Codable {
        /// Beats in it; older ones count less.
        var count = 0.0
        /// The place of its newest beat.
        var newest = 0
        /// Running interval before its beats beside the usual one.
        var earliness = 1.0
        /// Running spread of its beats.
        var spread = 0.0
        /// Running score of its beats: positive for ventricular.
        var score = 0.0
        /// Beats that have a score.
        var scored = 0
        /// Share among all beats, the older ones of which count less.
        var share = 0.0
    }

    /// What a beat is like beside the groups.
    struct Likeness: Sendable, Equatable, Codable {
        /// The group that it went to.
        var group = 0
        /// Correlation with the usual shape, -1 to 1.
        var withUsual = 1.0
        /// Spread of the usual shape.
        var usualSpread = 0.0
    }

    static let groupsMax = 8
    /// Beats correlate at least so much with the group that they go to.
    static let alike = 0.9

    /// What is written of it; the rest is worked out anew.
    private enum CodingKeys: CodingKey {
        case groups, templates, energies
    }

    private(set) var groups = [Group](repeating: Group(), count: groupsMax)
    /// `[value][group]`, so that a beat is laid on all groups at once.
    private var templates = [SIMD8<Float>](repeating: .zero, count: BeatShape.valueCount)
    /// The sums of the squares of the templates, and for each shift those of products of the newest beat with them.
    private var energies = SIMD8<Float>.zero
    private var products = [SIMD8<Float>](repeating: .zero, count: BeatShape.shifts.count)

    /// Puts a beat into its group.
    ///
    /// `earliness` is the interval before it beside the usual one. In a fast run of ventricular beats the groups learn
    /// their shapes, but not that they are many and no longer early: else a long run would become the usual rhythm.
    mutating func take(_ shape: BeatShape, at place: Int, earliness: Double, inRun: Bool) -> Likeness {
        let usual = usualGroup
        var likeness = Likeness()
        var best = (group: -1, value: -2.0, shift: 0)
        multiply(shape)
        for group in groups.indices where groups[group].count > 0 {
            let match = correlation(shape, group)
            if group == usual { likeness.withUsual = match.value }
            let value = match.gain > 2 || match.gain < 0.5 ? match.value - 0.2 : match.value
            if value > best.value { best = (group, value, match.shift) }
        }
        likeness.usualSpread = usual.map { groups[$0].spread } ?? shape.spread
        if best.value < ShapeGroups.alike {
            best = (leastUsed(but: usual, at: place), 1, -BeatShape.shifts.lowerBound)
            groups[best.group] = Group()
            groups[best.group].earliness = earliness
            groups[best.group].spread = shape.spread
        }
        likeness.group = best.group
        let pace = groups[best.group].count < 16 ? 1 / (groups[best.group].count + 1) : 1.0 / 16
        learn(shape, best.shift, in: best.group, at: place, pace: pace)
        if !inRun || groups[best.group].count == 0 { count(best.group, earliness: earliness, pace: pace) }
        return likeness
    }

    /// The group of the patient's usual beats: many, narrow and not early.
    private var usualGroup: Int? {
        var usual: Int?
        var most = 0.0
        for group in groups.indices where groups[group].count > 0 {
            let facts = groups[group]
            let spread = max(facts.spread, 1)
            let weight =
                facts.count * (facts.earliness > 0.88 ? 1 : 0.15) / (spread * spread * spread)
            if weight > most {
                most = weight
                usual = group
            }
        }
        return usual
    }

    private func leastUsed(but usual: Int?, at place: Int) -> Int {
        var least = 0
        var value = Double.infinity
        for group in groups.indices where group != usual {
            let facts = groups[group]
            let use = facts.count == 0 ? -1 : facts.count + 20 / (1 + 0.002 * Double(place - facts.newest))
            if use < value {
                value = use
                least = group
            }
        }
        return least
    }

    private mutating func learn(_ shape: BeatShape, _ shift: Int, in group: Int, at place: Int, pace: Double)
    {
        let from = shift * BeatShape.valueCount
        for index in 0..<BeatShape.valueCount {
            let old = templates[index][group]
            templates[index][group] = old + Float(pace) * (shape.values[from + index] - old)
        }
        groups[group].spread += pace * (shape.spread - groups[group].spread)
        groups[group].newest = place
    }

    private mutating func count(_ group: Int, earliness: Double, pace: Double) {
        groups[group].earliness += pace * (min(earliness, 1.5) - groups[group].earliness)
        var sum = 0.0
        for index in groups.indices {
            groups[index].count *= 0.998
            if index == group { groups[index].count += 1 }
            sum += groups[index].count
        }
        groups[group].share = groups[group].count / sum
    }

    /// Notes the score of a beat of a group.
    mutating func note(score: Double, of group: Int) {
        groups[group].scored += 1
        let pace = max(1 / Double(groups[group].scored), 0.05)
        groups[group].score += pace * (min(max(score, -6), 6) - groups[group].score)
    }

    /// Lays a beat on all groups: for each of them and each shift the sum of products, value by value.
    private mutating func multiply(_ shape: BeatShape) {
        let values = shape.values.span
        var own = SIMD8<Float>.zero
        for index in 0..<BeatShape.valueCount { own += templates[index] * templates[index] }
        energies = own
        for shift in 0..<BeatShape.shifts.count {
            var both = SIMD8<Float>.zero
            for index in 0..<BeatShape.valueCount {
                both += values[shift * BeatShape.valueCount + index] * templates[index]
            }
            products[shift] = both
        }
    }

    /// The best correlation over the shifts, where it is, and how much greater the beat is there.
    private func correlation(
        _ shape: BeatShape,
        _ group: Int
    ) -> (value: Double, gain: Double, shift: Int) {
        let own = energies[group]
        var best = (value: -2.0, gain: 1.0, shift: 0)
        for shift in 0..<BeatShape.shifts.count {
            let both = products[shift][group]
            let other = shape.energies[shift]
            let value = Double(both) / (Double(own) * Double(other) + 1).squareRoot()
            if value > best.value {
                best = (value, (Double(other) / (Double(own) + 1)).squareRoot(), shift)
            }
        }
        return best
    }
}
