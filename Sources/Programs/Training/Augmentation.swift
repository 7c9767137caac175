internal import ECGSignal
private import Foundation
internal import Learning

/// How one sample of one epoch is changed; everything is drawn first, then done.
///
/// The order is that of the world: heart and electrodes, then noise on each electrode, then the leads that a gateway
/// sends, then what it loses; the recorder's filter, which is linear, comes first for all of it but the noise. Limb leads
/// that follow from I and II are computed after each step, as the daemon does.
struct Augmentation: Sendable {
    /// Which leads a gateway sends.
    enum View: Sendable, Equatable {
        case all
        /// These channels; four limb leads follow where I and II are among them.
        case leads([Int])
        /// One channel that stands in I: I cos a + aVF sin a, radians.
        case frontal(Double)
    }

    /// Noise from a track at a place, so strong that signal / noise has the given ratio.
    struct Noise: Sendable, Equatable {
        let track: Int
        let other: Int
        let start: Double
        let decibel: Double
        /// How much of each of the two tracks the electrodes I, II and V1 to V6 pick up.
        let mix: [Float]
    }

    /// Grid samples that are lost, in one channel or in all.
    struct Gap: Sendable, Equatable {
        let range: Range<Int>
        let channel: Int?
    }

    /// Whether the stream began before the window.
    let isSettled: Bool
    /// First grid sample of the crop.
    let start: Int
    let gain: Float
    let moves: ElectrodeMoves
    let noise: Noise?
    var edgeNoise: EdgeNoise?
    var bandEdge: UpperBandEdge?
    let view: View
    let gaps: [Gap]

    /// The plan for a crop of `length` of 5,000 samples.
    init(length: Int, hasNoise: Bool, _ chance: inout Chance) {
        isSettled = chance.happens(0.5)
        start = Int.random(in: 0...Grid.windowSamples - length, using: &chance)
        gain = Float(exp(Double.random(in: log(0.8)...log(1.25), using: &chance)))
        moves = ElectrodeMoves(&chance)
        noise =
            hasNoise && chance.happens(0.4)
            ? Noise(
                track: Int.random(in: 0..<6, using: &chance),
                other: Int.random(in: 0..<6, using: &chance),
                start: Double.random(in: 0..<1, using: &chance),
                decibel: Double.random(in: 3...24, using: &chance),
                mix: (0..<16).map { _ in Float(chance.normal()) }
            ) : nil
        edgeNoise = chance.happens(0.5) ? EdgeNoise(&chance) : nil
        bandEdge = chance.happens(0.5) ? UpperBandEdge(&chance) : nil
        view = Augmentation.view(&chance)
        gaps = Augmentation.gaps(length, &chance)
    }

    private static func view(_ chance: inout Chance) -> View {
        guard chance.happens(0.5) else { return .all }
        let views: [View] = [
            .leads([0]), .leads([0]), .leads([1]), .leads([6]), .leads([0, 1]), .leads([0, 1]),
            .leads([0, 1, 6]),
            .leads([1, 10]),
        ]
        let choice = Int.random(in: 0...views.count, using: &chance)
        guard choice < views.count else {
            return .frontal(Double.random(in: -Double.pi...Double.pi, using: &chance))
        }
        return views[choice]
    }

    private static func gaps(_ length: Int, _ chance: inout Chance) -> [Gap] {
        guard chance.happens(0.1) else { return [] }
        return (0..<Int.random(in: 1...2, using: &chance)).map { _ in
            let count = Int.random(in: 25...400, using: &chance)
            let from = Int.random(in: 0..<length - count, using: &chance)
            let channel = chance.happens(0.5) ? Int.random(in: 0..<12, using: &chance) : nil
            return Gap(range: from..<from + count, channel: channel)
        }
    }

    /// Whether rhythm statements alone can be seen.
    var isRhythmOnly: Bool { if case .frontal = view { true } else { false } }

    /// `[length][12]` millivolts of the window's crop, changed as planned.
    func rows(
        of window: StoredWindow,
        in cache: WindowCache,
        length: Int,
        noise tracks: NoiseTracks?
    ) -> [Float] {
        let place = isSettled ? window.settled : window.started
        var rows = cache.rows(of: place, from: start, count: length, scale: gain / 1_000)
        if let bandEdge {
            bandEdge.apply(to: &rows)
            for row in stride(from: 0, to: rows.count, by: 12) { derive(&rows, row) }
        }
        if moves != ElectrodeMoves() {
            moves.apply(to: &rows)
            for row in stride(from: 0, to: rows.count, by: 12) { derive(&rows, row) }
        }
        if let noise, let tracks { add(noise, tracks, to: &rows) }
        if let edgeNoise {
            let sources = edgeNoise.sources(length)
            add(sources.first[...], sources.second[...], mix: edgeNoise.mix, to: &rows)
        }
        send(&rows)
        for gap in gaps {
            for time in gap.range {
                for channel in 0..<12 where gap.channel == nil || gap.channel == channel {
                    rows[time * 12 + channel] = 0
                }
            }
        }
        return rows
    }

    private func add(_ noise: Noise, _ tracks: NoiseTracks, to rows: inout [Float]) {
        let first = tracks.tracks[noise.track]
        let second = tracks.tracks[noise.other]
        let length = rows.count / 12
        let room = min(first.count, second.count) - length
        guard room > 0 else { return }
        let begin = Int(noise.start * Double(room))
        var (signal, disturbance) = (0.0, 0.0)
        for time in 0..<length {
            for channel in [0, 1, 7, 10] {
                signal += Double(rows[time * 12 + channel] * rows[time * 12 + channel])
            }
            disturbance += Double(first[begin + time] * first[begin + time])
            disturbance += Double(second[begin + time] * second[begin + time])
        }
        guard disturbance > 0 else { return }
        let factor = Float((signal / 4 / disturbance).squareRoot() * pow(10, -noise.decibel / 20))
        let part = begin..<begin + length
        add(first[part], second[part], mix: noise.mix.map { $0 * factor }, to: &rows)
    }

    /// Adds two sources, a sample a row, to the electrodes by `mix`, and what follows from I and II to the others.
    private func add(
        _ first: ArraySlice<Float>,
        _ second: ArraySlice<Float>,
        mix: [Float],
        to rows: inout [Float]
    ) {
        for (time, (a, b)) in zip(first, second).enumerated() {
            for (place, channel) in ElectrodeMoves.channels.enumerated() {
                rows[time * 12 + channel] += mix[2 * place] * a + mix[2 * place + 1] * b
            }
            derive(&rows, time * 12)
        }
    }

    /// Leaves what the gateway sends and what follows from it.
    private func send(_ rows: inout [Float]) {
        switch view {
        case .all: return
        case .leads(let kept):
            let isDerived = kept.contains(0) && kept.contains(1)
            let isKept = (0..<12).map { kept.contains($0) || (isDerived && $0 < 6) }
            for at in stride(from: 0, to: rows.count, by: 12) {
                for channel in 0..<12 where !isKept[channel] { rows[at + channel] = 0 }
                if isDerived { derive(&rows, at) }
            }
        case .frontal(let angle):
            let (cosine, sine) = (Float(cos(angle)), Float(sin(angle)))
            for at in stride(from: 0, to: rows.count, by: 12) {
                rows[at] = rows[at] * cosine + rows[at + 5] * sine
                for channel in 1..<12 { rows[at + channel] = 0 }
            }
        }
    }

    /// III = II - I, aVR = -(I + II) / 2, aVL = I - II / 2, aVF = II - I / 2: Conditioning's derivation of a pair.
    private func derive(_ rows: inout [Float], _ at: Int) {
        let (one, two) = (rows[at], rows[at + 1])
        rows[at + 2] = two - one
        rows[at + 3] = -(one + two) / 2
        rows[at + 4] = one - two / 2
        rows[at + 5] = two - one / 2
    }
}
