private import Foundation
public import LinearAlgebra

/// An ECG encoder and a projection of sentences that learn to meet: the method in full, without its data.
///
///     ecg       windows -> ResNet -> pooled [batch, 1024] -> projection [batch, 256] -> unit length
///     sentence  frozen text embedding [sentences, 640] -> textProjection [sentences, 256] -> unit length
///     similarity [batch, sentences] = ecg . sentence
public final class ContrastiveModel<Number: Real> {
    /// Dimensions that ECGs and sentences share.
    public let dimensions: Int
    /// Dimensions of the frozen text embeddings.
    public let textDimensions: Int
    /// Windows to features.
    public let network: ResNet<Number>
    /// Features to the shared space.
    public let projection: Linear<Number>
    /// Text embeddings to the shared space.
    public let textProjection: Linear<Number>
    /// The logarithm of the sigmoid loss's scale; one number.
    public let logScale: Parameter<Number>
    /// The sigmoid loss's bias; one number.
    public let bias: Parameter<Number>
    /// Steps that the optimiser has made.
    public internal(set) var steps = 0
    /// How slowly the moving average of the weights follows.
    public let averageDecay: Double

    private var ecgs: Forward?
    private var sentences: Forward?

    private struct Forward {
        let input: [Number]
        let output: [Number]
        let lengths: [Number]
    }

    /// A model whose weights are not set yet.
    public init(
        channels: [Int] = [64, 128, 256, 512],
        dimensions: Int = 256,
        textDimensions: Int = 640,
        pooling: InteriorPooling<Number>.Kind = .meanAndAttention,
        averageDecay: Double = 0.999,
        team: Team
    ) {
        network = ResNet(channels: channels, pooling: pooling, team: team)
        let (shared, text) = (dimensions, textDimensions)
        (self.dimensions, self.textDimensions) = (dimensions, textDimensions)
        projection = Linear("projection", inputs: network.pooling.outputs, outputs: shared, hasBias: true)
        textProjection = Linear("text_projection", inputs: text, outputs: shared, hasBias: false)
        logScale = Parameter("log_scale", [Number(log(10.0))], parts: 1, isDecayed: false)
        bias = Parameter("bias", [-4], parts: 1, isDecayed: false)
        self.averageDecay = averageDecay
    }

    /// Everything that the optimiser changes, in a fixed order.
    public var parameters: [Parameter<Number>] {
        var all = network.convolutions.map(\.weight) + network.norms.flatMap { [$0.gamma, $0.beta] }
        if network.pooling.kind == .meanAndAttention { all.append(network.pooling.attention) }
        all += [projection.weight, textProjection.weight] + (projection.bias.map { [$0] } ?? [])
        return all + [logScale, bias]
    }

    /// The windows that stand in the network's inputs against those sentences: `[batch, sentences]`.
    ///
    /// `texts` is `[sentences, 640]`, centred and scaled as the bank's.
    public func similarities(with texts: [Number]) -> [Number] {
        let pooled = network.forward()
        let projected = projection.forward(pooled)
        let (rows, lengths) = UnitLength.forward(projected, width: dimensions)
        ecgs = Forward(input: pooled, output: rows, lengths: lengths)
        let bank = project(texts)
        sentences = bank
        return product(rows, bank.output)
    }

    /// The embeddings of the windows that were compared last: `[batch, dimensions]`, each of unit length.
    public var embeddings: [Number] { ecgs?.output ?? [] }

    /// Adds the gradients of all weights, given that of the similarities and, where the loss has a part that rests on the
    /// embeddings themselves, that of the embeddings.
    public func backward(_ gradient: [Number], embeddings own: [Number] = []) {
        guard let ecgs, let sentences else { return }
        let width = dimensions
        let (rows, columns) = (ecgs.lengths.count, sentences.lengths.count)
        var ofRows = [Number](repeating: 0, count: rows * width)
        Number.multiply(
            MatrixProduct(
                rows: rows,
                columns: width,
                inner: columns,
                a: MatrixPlace(step: columns),
                b: MatrixPlace(step: width),
                c: MatrixPlace(step: width)
            ),
            gradient,
            sentences.output,
            into: &ofRows
        )
        if !own.isEmpty { for index in ofRows.indices { ofRows[index] += own[index] } }
        var ofColumns = [Number](repeating: 0, count: columns * width)
        Number.multiply(
            MatrixProduct(
                rows: columns,
                columns: width,
                inner: rows,
                a: MatrixPlace(step: columns, isTransposed: true),
                b: MatrixPlace(step: width),
                c: MatrixPlace(step: width)
            ),
            gradient,
            ecgs.output,
            into: &ofColumns
        )
        textProjection.backward(
            UnitLength.backward(
                ofColumns,
                output: sentences.output,
                lengths: sentences.lengths,
                width: width
            ),
            input: sentences.input
        )
        let projected = UnitLength.backward(ofRows, output: ecgs.output, lengths: ecgs.lengths, width: width)
        network.backward(projection.backward(projected, input: ecgs.input))
    }

    /// Adds the gradients of the sigmoid loss's scale and bias.
    public func addGradients(scale: Double, bias gradient: Double) {
        // d loss / d log scale = d loss / d scale * scale
        logScale.gradients[0].values[0] += Number(scale * self.scale)
        bias.gradients[0].values[0] += Number(gradient)
    }

    /// The sigmoid loss's scale.
    public var scale: Double { exp(Double(logScale.values[0])) }

    /// One step of AdamW with the gradients that were added since the last one, which are then forgotten.
    public func update(rate: Double, decay: Double) {
        steps += 1
        let step = AdamStep(step: steps, rate: rate, decay: decay)
        // The average begins as the weights themselves and slows down as it has more to average.
        let share = 1 - min(averageDecay, Double(1 + steps) / Double(10 + steps))
        let all = parameters
        let team = network.team
        team.run { part in
            for index in stride(from: part, to: all.count, by: team.parts) {
                all[index].update(step, averageShare: share)
                all[index].clearGradients()
            }
        }
        for norm in network.norms { norm.followRunning(share: share) }
    }

    /// The bank of those sentences with the averaged projection: `[sentences, 256]`, rows of unit length.
    public func averagedBank(of texts: [Number]) -> [Number] {
        let copy = Linear<Number>(
            "text_projection",
            inputs: textDimensions,
            outputs: dimensions,
            hasBias: false
        )
        copy.weight.set(textProjection.weight.average)
        return UnitLength.forward(copy.forward(texts), width: dimensions).rows
    }

    private func project(_ texts: [Number]) -> Forward {
        let projected = textProjection.forward(texts)
        let (rows, lengths) = UnitLength.forward(projected, width: dimensions)
        return Forward(input: texts, output: rows, lengths: lengths)
    }

    private func product(_ rows: [Number], _ columns: [Number]) -> [Number] {
        let width = dimensions
        let (n, m) = (rows.count / width, columns.count / width)
        var result = [Number](repeating: 0, count: n * m)
        Number.multiply(
            MatrixProduct(
                rows: n,
                columns: m,
                inner: width,
                a: MatrixPlace(step: width),
                b: MatrixPlace(step: width, isTransposed: true),
                c: MatrixPlace(step: m)
            ),
            rows,
            columns,
            into: &result
        )
        return result
    }
}
