/// Which annotated beat is which found one: one to one, the nearest within a window.

/// The pairs of two ascending lists of beats.
public enum BeatMatching {
    /// For each of `reference` the place in `found` of the beat that is taken for it; nil where none is.
    ///
    /// Both are ascending samples. A found beat that two reference beats would have goes to the nearer one, the earlier
    /// where both are as near; the other one may take the found beat before it. This is the sweep of
    /// `compare_annotations` in the Python package wfdb 4.3.1, so that the counts are the same; a pair is at most
    /// `windowSamples` apart, where that function asks for less than its window.
    public static func pairs(
        _ reference: [Int64],
        _ found: [Int64],
        windowSamples: Int64
    ) -> [Int?] {
        var pairs = [Int?](repeating: nil, count: reference.count)
        var next = 0
        for place in reference.indices where next < found.count {
            var nearest = self.nearest(to: reference[place], in: found, from: next)
            let distance = (found[nearest] - reference[place]).magnitude
            if place + 1 < reference.count,
                self.nearest(to: reference[place + 1], in: found, from: next) == nearest,
                (found[nearest] - reference[place + 1]).magnitude < distance
            {
                let before = place == 0 ? nil : pairs[place - 1]
                guard nearest > 0, place == 0 || before != nearest - 1 else { continue }
                nearest -= 1
            }
            if (found[nearest] - reference[place]).magnitude <= windowSamples { pairs[place] = nearest }
            next = nearest + 1
        }
        return pairs
    }

    /// The place of the found beat nearest to `sample` from place `start` on, the earlier of two.
    private static func nearest(to sample: Int64, in found: [Int64], from start: Int) -> Int {
        var nearest = start
        for place in start..<found.count {
            if (found[place] - sample).magnitude < (found[nearest] - sample).magnitude { nearest = place }
            if found[place] >= sample { break }
        }
        return nearest
    }
}
