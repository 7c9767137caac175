public import LinearAlgebra

/// The ResNet1d18 with interior pooling as it learns: windows of a batch in, pooled features out, gradients back.
///
/// Convolution 12 -> 64 of width 7 and stride 2, max-pool, four stages of two blocks with strides 1 2 2 2, pooling. The
/// batch comes in as many parts as the team has; each part has its own activations, all share the weights.
public final class ResNet<Number: Real> {
    /// Leads of a window.
    public static var leads: Int { 12 }

    /// Channels of the four stages.
    public let channels: [Int]
    let conv1: Convolution<Number>
    let norm1: BatchNorm<Number>
    let blocks: [ResidualBlock<Number>]
    /// From features to one vector.
    public let pooling: InteriorPooling<Number>
    let team: Team

    /// By part, `[time, 12]` millivolts: what the next step reads.
    public private(set) var inputs: [Rows<Number>] = []
    private(set) var stem: [(convolved: Rows<Number>, normed: Rows<Number>, pooled: Rows<Number>)] = []
    private(set) var scratch: [GradientRows<Number>]
    private var positions = 0..<0

    /// A network whose weights are not set yet.
    public init(channels: [Int], pooling kind: InteriorPooling<Number>.Kind = .meanAndAttention, team: Team) {
        precondition(channels.count == 4, "four stages")
        let parts = team.parts
        self.channels = channels
        self.team = team
        let spaces = (0..<parts).map { _ in TileSpace<Number>() }
        conv1 = Convolution(
            "conv1",
            inputs: ResNet.leads,
            outputs: channels[0],
            width: 7,
            stride: 2,
            spaces: spaces
        )
        norm1 = BatchNorm("bn1", channels: channels[0], parts: parts)
        var blocks: [ResidualBlock<Number>] = []
        var inputs = channels[0]
        for stage in 0..<4 {
            for block in 0..<2 {
                blocks.append(
                    ResidualBlock(
                        "layer\(stage + 1).\(block)",
                        inputs: inputs,
                        outputs: channels[stage],
                        stride: stage > 0 && block == 0 ? 2 : 1,
                        spaces: spaces
                    )
                )
                inputs = channels[stage]
            }
        }
        self.blocks = blocks
        pooling = InteriorPooling(channels: channels[3], kind: kind, parts: parts)
        scratch = (0..<parts).map { _ in GradientRows() }
    }

    var convolutions: [Convolution<Number>] { [conv1] + blocks.flatMap(\.convolutions) }
    /// All batch norms.
    public var norms: [BatchNorm<Number>] { [norm1] + blocks.flatMap(\.norms) }

    /// Bytes that a window of so many samples needs while the network learns: activations and gradients.
    ///
    /// All are `[time with padding, channels]` numbers. The stem keeps two on its first level and takes two for gradients,
    /// on its second it keeps one; a stage keeps four for each of its two blocks and two for a shortcut, and takes four.
    public func bytes(perWindowOf samples: Int) -> Int {
        let times = times(of: samples)
        func numbers(_ level: Int, _ channels: Int) -> Int { pitch(level, times) * channels }
        var sum = numbers(0, ResNet.leads) + 4 * numbers(1, channels[0]) + numbers(2, channels[0])
        for stage in 0..<4 {
            let hasShortcut = blocks[2 * stage].downsample != nil
            sum += (2 * 4 + (hasShortcut ? 2 : 0) + 4) * numbers(2 + stage, channels[stage])
        }
        return sum * MemoryLayout<Number>.size
    }

    /// Rows of a window at the input, behind the first convolution, behind the pool, and at the last three stages.
    private func times(of samples: Int) -> [Int] {
        var times = [samples, conv1.time(of: samples)]
        times.append(MaxPool.time(of: times[1]))
        for _ in 1..<4 { times.append((times[times.count - 1] - 1) / 2 + 1) }
        return times
    }

    /// Rows with padding from one window to the next at a level of `times`.
    private func pitch(_ level: Int, _ times: [Int]) -> Int { (times[5] + 2) << (5 - level) }

    /// Makes room for a batch of so many windows of so many samples; each part gets its share, the first ones more.
    public func prepare(batch: Int, samples: Int) {
        let parts = team.parts
        precondition(batch >= parts, "fewer windows than parts")
        let shares = (0..<parts).map { (batch + parts - 1 - $0) / parts }
        if inputs.map(\.layout.samples) == shares, inputs.first?.layout.time == samples { return }
        let times = times(of: samples)
        func layouts(_ level: Int) -> [RowLayout] {
            shares.map {
                RowLayout(
                    samples: $0,
                    time: times[level],
                    pitch: pitch(level, times),
                    margin: level == 0 ? 3 : 1
                )
            }
        }
        positions = InteriorPooling<Number>.positions(of: samples)
        for rows in scratch { rows.removeAll() }
        inputs = layouts(0).map { Rows($0, channels: ResNet.leads) }
        stem = zip(layouts(1), layouts(2)).map { first, second in
            (
                Rows(first, channels: channels[0]), Rows(first, channels: channels[0]),
                Rows(second, channels: channels[0])
            )
        }
        for (index, block) in blocks.enumerated() { block.prepare(layouts(2 + index / 2)) }
    }

    /// `[batch, outputs of the pooling]`, the windows of the first part first.
    public func forward() -> [Number] {
        let convolutions = convolutions
        team.run { part in
            for index in stride(from: part, to: convolutions.count, by: team.parts) {
                convolutions[index].prepareWeights()
            }
        }
        team.run { part in
            conv1.forward(inputs[part], into: stem[part].convolved, part: part)
            norm1.sum(stem[part].convolved, part: part)
        }
        norm1.combine()
        team.run { part in
            norm1.normalise(stem[part].convolved, isRectified: true, into: stem[part].normed)
            MaxPool.forward(stem[part].normed, into: stem[part].pooled)
        }
        var rows = stem.map(\.pooled)
        for block in blocks {
            block.forward(rows, team)
            rows = block.states.map(\.output)
        }
        let pooled = Collected<Number>(parts: team.parts)
        team.run { part in
            pooled.parts[part].values = pooling.forward(rows[part], positions: positions, part: part)
        }
        return pooled.parts.flatMap(\.values)
    }

    /// Adds the gradients of all weights, given that of `forward`'s result.
    public func backward(_ gradient: [Number]) {
        let outputs = pooling.outputs
        var starts: [Int] = []
        for input in inputs { starts.append((starts.last ?? 0) + input.layout.samples * outputs) }
        var gradients = scratchRows(of: blocks.count - 1)
        let features = blocks[blocks.count - 1].states.map(\.output)
        team.run { part in
            let end = starts[part]
            let start = end - inputs[part].layout.samples * outputs
            pooling.backward(
                Array(gradient[start..<end]),
                features: features[part],
                positions: positions,
                into: gradients[part],
                part: part
            )
        }
        for index in blocks.indices.reversed() {
            let before = index > 0 ? blocks[index - 1].states.map(\.output) : stem.map(\.pooled)
            let results =
                index > 0
                ? scratchRows(of: index - 1)
                : stem.indices.map {
                    scratch[$0].rows(like: stem[$0].pooled, .odd)
                }
            blocks[index].backward(gradients, inputs: before, into: results, team, scratch)
            gradients = results
        }
        team.run { part in
            let (convolved, normed, pooled) = stem[part]
            let wide = scratch[part].rows(like: normed, .even)
            MaxPool.backward(gradients[part], output: pooled, input: normed, into: wide)
            norm1.sumGradients(wide, output: normed, input: convolved, part: part)
        }
        norm1.combineGradients()
        team.run { part in
            let padded = scratch[part].padded(like: stem[part].convolved)
            norm1.backward(
                scratch[part].rows(like: stem[part].normed, .even),
                input: stem[part].convolved,
                into: padded
            )
            conv1.backward(padded, input: inputs[part], part: part, into: nil)
        }
    }

    /// Where the gradient of a block's output stands: blocks take turns, so that input and output are two.
    private func scratchRows(of block: Int) -> [Rows<Number>] {
        blocks[block].states.enumerated().map { part, state in
            scratch[part].rows(like: state.output, block.isMultiple(of: 2) ? .even : .odd)
        }
    }
}

/// What each part hands back, an object a part.
private final class Collected<Number: Real> {
    final class Part {
        var values: [Number] = []
    }

    let parts: [Part]

    init(parts: Int) { self.parts = (0..<parts).map { _ in Part() } }
}
