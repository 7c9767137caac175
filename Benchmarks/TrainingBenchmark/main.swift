import LinearAlgebra
import Learning

// One training step, timed: windows of noise, the sigmoid loss against 223 sentences.
// usage: TrainingBenchmark BATCH SAMPLES STEPS THREADS

let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
guard arguments.count == 4 else {
    print("usage: TrainingBenchmark BATCH SAMPLES STEPS THREADS")
    throw Wrong.usage
}
OpenBLAS.useOneThread()
let (batch, samples, steps) = (arguments[0], arguments[1], arguments[2])
let team = Team(parts: arguments[3])
let model = ContrastiveModel<Float>(team: team)
model.initialise(seed: 1)
let network = model.network
network.prepare(batch: batch, samples: samples)
var chance = Chance(seed: 2, 0)
for input in network.inputs {
    for sample in 0..<input.layout.samples {
        let range = input.range(sample)
        for index in range.offset..<range.offset + range.rows * range.channels {
            input.values[index] = Float.random(in: -1...1, using: &chance)
        }
    }
}
let sentences = 223
let texts = (0..<sentences * 640).map { _ in Float.random(in: -1...1, using: &chance) }
let truth = (0..<batch * sentences).map { _ in Float(chance.happens(0.05) ? 1 : 0) }
let weight = [Float](repeating: 1, count: truth.count)
let clock = ContinuousClock()
var times: [Double] = []
for step in 0..<steps {
    var loss = 0.0
    let time = clock.measure {
        let similarity = model.similarities(with: texts)
        let result = SigmoidLoss.of(
            similarity, truth: truth, weight: weight, scale: model.scale, bias: Double(model.bias.values[0]),
            smoothing: 0.01)
        loss = result.loss
        model.backward(result.similarity)
        model.addGradients(scale: result.scale, bias: result.bias)
        model.update(rate: 1e-3, decay: 1e-3)
    }
    let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    times.append(seconds)
    print("step \(step): \(seconds) s, loss \(loss)")
}
print("best \(times.min() ?? 0) s, median \(times.sorted()[times.count / 2]) s, core \(OpenBLAS.core)")

enum Wrong: Error { case usage }
