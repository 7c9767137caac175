import ECGSignal
import Rhythm
import TestSupport

/// Leads that are made of a heart's: gaps, standstills, P waves, noise.
struct MadeRecord {
    var leads: [[Float]]
    var generator: SeededGenerator

    /// Some leads as they are.
    init(_ leads: [[Float]], seed: Int) {
        self.leads = leads
        generator = SeededGenerator(seed: UInt64(seed) &* 7_919 &+ 17)
    }

    /// A number in a range, by the record's seed.
    mutating func random(_ range: ClosedRange<Double>) -> Double { .random(in: range, using: &generator) }

    /// About a normal deviate.
    private mutating func deviate() -> Float {
        var sum: Float = -6
        for _ in 0..<12 { sum += Float.random(in: 0...1, using: &generator) }
        return sum
    }

    /// Adds noise of that deviation to some leads from a second on.
    mutating func addNoise(_ millivolts: Float, to chosen: Range<Int>, from seconds: Double = 0) {
        for lead in chosen {
            for at in Int(seconds * 500)..<leads[lead].count { leads[lead][at] += millivolts * deviate() }
        }
    }

    /// Multiplies all leads from a second on.
    mutating func scale(by factor: Float, from seconds: Double) {
        for lead in leads.indices {
            for at in Int(seconds * 500)..<leads[lead].count { leads[lead][at] *= factor }
        }
    }

    /// Takes out all samples between two seconds.
    mutating func cut(_ range: ClosedRange<Double>) {
        for lead in leads.indices {
            for at in Int(range.lowerBound * 500)..<Int(range.upperBound * 500) { leads[lead][at] = .nan }
        }
    }

    /// Some leads stand still from a second on: they come to rest and wander a little, by `wander`, under noise.
    mutating func still(_ chosen: Range<Int>, from seconds: Double, _ wander: [Float], noise: Float = 0.006) {
        let start = Int(seconds * 500)
        for lead in chosen {
            let known = leads[lead][max(0, start - 5_000)..<start].filter { !$0.isNaN }.sorted()
            let rest = known.isEmpty ? 0 : known[known.count / 2]
            let last = start > 0 && !leads[lead][start - 1].isNaN ? leads[lead][start - 1] : rest
            let begin = 200_000 + 1_000 * Int(random(0...100))
            var decay = last - rest
            for at in start..<leads[lead].count {
                let drift = wander[begin + at - start] - wander[begin]
                leads[lead][at] = rest + decay + (noise > 0 ? 0.03 * drift + noise * deviate() : 0)
                decay *= noise > 0 ? 0.99 : 1
            }
        }
    }

    /// Adds P waves from a second on, in the second lead 0.7 times as high.
    mutating func addAtrial(_ wave: [Float], height: Double, rate: Double, from seconds: Double) {
        var time = seconds
        while Int(time * 500) + 60 < leads[0].count {
            add(wave, height: height, at: time)
            time += 60 / rate * (1 + 0.01 * Double(deviate()))
        }
    }

    /// Adds one wave of 120 samples, in the second lead 0.7 times as high.
    mutating func add(_ wave: [Float], height: Double, at seconds: Double) {
        let start = Int(seconds * 500) - 60
        for lead in leads.indices {
            let factor = Float(height) * (lead == 0 ? 1 : 0.7)
            for at in wave.indices { leads[lead][start + at] += factor * wave[at] }
        }
    }

    /// What the lane makes of it.
    func outcome() -> Outcome {
        var (lane, output, rows) = (RhythmLane(), RhythmLane.Output(), WideRows())
        let channels = [1, 7]
        for start in stride(from: 0, to: leads[0].count, by: 512) {
            let range = start..<min(start + 512, leads[0].count)
            rows.reset(to: GridIndex(range.lowerBound)..<GridIndex(range.upperBound))
            for (lead, values) in leads.enumerated() {
                for at in range where !values[at].isNaN {
                    rows.set(values[at], at: GridIndex(at), channel: channels[lead])
                    rows.notePresent(GridIndex(at)..<GridIndex(at + 1), channel: channels[lead])
                }
            }
            lane.take(rows, into: &output)
        }
        lane.close(at: GridIndex(leads[0].count), into: &output)
        return Outcome(output: output)
    }
}

/// What the lane made of a record.
struct Outcome {
    let output: RhythmLane.Output

    /// When a finding began, or ended, from a second on.
    func times(_ finding: RhythmFinding, _ isOn: Bool = true, from seconds: Double) -> [Double] {
        output.changes.filter { $0.finding == finding && $0.isOn == isOn }
            .map { Double($0.at) / 500 }.filter { $0 >= seconds }
    }

    /// Whether a finding began from a second on.
    func holds(_ finding: RhythmFinding, from seconds: Double) -> Bool {
        !times(finding, from: seconds).isEmpty
    }

    /// Whether an asystole began between a second and so many seconds later.
    func hasAsystole(from seconds: Double, within limit: Double) -> Bool {
        times(.asystole, from: seconds).first.map { $0 - seconds <= limit } ?? false
    }

    /// Whether rhythm could not be judged at some time between two seconds.
    func isUnjudged(_ range: ClosedRange<Double>) -> Bool {
        let before = output.analysis.last { Double($0.at) / 500 < range.lowerBound }
        return before?.isPossible == false
            || output.analysis.contains { !$0.isPossible && range.contains(Double($0.at) / 500) }
    }

    /// How many of those beats between two seconds were not found within 150 ms.
    func missed(_ beats: [Double], _ range: ClosedRange<Double>) -> (missed: Int, all: Int) {
        let found = output.found.map { Double($0.place) / 500 }
        let asked = beats.filter(range.contains)
        return (asked.count { beat in !found.contains { abs($0 - beat) < 0.15 } }, asked.count)
    }
}
