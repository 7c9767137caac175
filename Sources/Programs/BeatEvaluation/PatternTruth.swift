internal import BeatScoring

/// Where annotated beats form the patterns of ventricular beats that the catalogue names.
///
/// Fusions of a ventricular and a usual beat count neither way: what holds with all of them as ventricular or all as usual
/// beats is true, and only what holds without them is asked for. Paced beats are basic ones.
struct PatternTruth {
    private enum Kind {
        case basic
        case ventricular
        case other
    }

    private(set) var stretches: [AlarmTruth.Stretch] = []
    private let times: [Double]
    private var kinds: [Kind] = []
    private var isAsked = false

    init(_ beats: [(time: Double, kind: ScoredClass)]) {
        times = beats.map(\.time)
        for fusion in [Kind.ventricular, .basic, .other] {
            isAsked = fusion == .other
            kinds = beats.map { beat in
                switch beat.kind {
                case .normal, .unclassified: .basic
                case .supraventricular: .other
                case .ventricular: .ventricular
                case .fusion: fusion
                }
            }
            addCouplets()
            addGroups(of: 2, "ventricular_bigeminy")
            addGroups(of: 3, "ventricular_trigeminy")
            addFrequent()
        }
    }

    private mutating func add(_ statement: String, _ from: Int, _ to: Int, isAsked: Bool) {
        stretches.append(
            AlarmTruth.Stretch(statement: statement, from: times[from], to: times[to], isAsked: isAsked)
        )
    }

    /// Exactly two between basic beats.
    private mutating func addCouplets() {
        for index in kinds.indices.dropFirst(3)
        where kinds[index] == .basic && kinds[index - 3] == .basic && kinds[index - 1] == .ventricular
            && kinds[index - 2] == .ventricular
        { add("ventricular_couplet", index - 2, index, isAsked: isAsked) }
    }

    /// Three or more groups in a row of which the last beat alone is ventricular.
    private mutating func addGroups(of size: Int, _ statement: String) {
        var index = 0
        while index + 3 * size <= kinds.count {
            var end = index
            while end + size <= kinds.count, kinds[end + size - 1] == .ventricular,
                (end..<end + size - 1).allSatisfy({ kinds[$0] == .basic })
            { end += size }
            if end - index >= 3 * size {
                add(statement, index, end - 1, isAsked: isAsked)
                index = end
            } else {
                index += 1
            }
        }
    }

    /// Ten in a minute that are a tenth of the beats; within two of it counts neither way.
    private mutating func addFrequent() {
        let statement = "frequent_ventricular_premature_contractions"
        var oldest = 0
        var number = 0
        var open: (from: Int, to: Int, isClear: Bool)?
        for index in kinds.indices {
            if kinds[index] == .ventricular { number += 1 }
            while times[oldest] <= times[index] - 60 {
                if kinds[oldest] == .ventricular { number -= 1 }
                oldest += 1
            }
            let beats = index - oldest + 1
            if number >= 8, 100 * number >= 8 * beats {
                let isClear = number >= 12 && 100 * number >= 12 * beats
                open = (open?.from ?? index, index, open?.isClear == true || isClear)
            } else if let stretch = open {
                add(statement, stretch.from, stretch.to, isAsked: isAsked && stretch.isClear)
                open = nil
            }
        }
        if let stretch = open {
            add(statement, stretch.from, stretch.to, isAsked: isAsked && stretch.isClear)
        }
    }
}
