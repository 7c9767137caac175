import Foundation
import Learning
import LinearAlgebra

// One training step a line of stdin, its seconds on stdout; peak memory at the end. Windows of noise, the sigmoid loss
// against 223 sentences, AdamW. Benchmarks/peers/train_step.py runs it in turn with PyTorch.
//
// usage: TrainingBenchmark BATCH SAMPLES THREADS

let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
guard arguments.count == 3 else {
    print("usage: TrainingBenchmark BATCH SAMPLES THREADS")
    exit(64)
}
OpenBLAS.useOneThread()
let (batch, samples) = (arguments[0], arguments[1])
let model = ContrastiveModel<Float>(team: Team(parts: arguments[2]))
model.initialise(seed: 1)
model.network.prepare(batch: batch, samples: samples)
var chance = Chance(seed: 2, 0)
for input in model.network.inputs {
    for sample in 0..<input.layout.samples {
        let range = input.range(sample)
        let noise = (0..<range.rows * range.channels).map { _ in Float(chance.normal()) }
        Float.copy(noise, into: &input.values, at: range.offset)
    }
}
let sentences = 223
let texts = (0..<sentences * model.textDimensions).map { _ in Float(chance.normal()) }
let truth = (0..<batch * sentences).map { _ in Float(chance.happens(0.05) ? 1 : 0) }
let weight = [Float](repeating: 1, count: truth.count)
let clock = ContinuousClock()
while readLine() != nil {
    let time = clock.measure {
        let similarity = model.similarities(with: texts)
        let result: SigmoidLoss.Result<Float> = SigmoidLoss.of(
            similarity,
            truth: truth,
            weight: weight,
            scale: model.scale,
            bias: Double(model.bias.values[0]),
            smoothing: 0.01
        )
        model.backward(result.similarity)
        model.addGradients(scale: result.scale, bias: result.bias)
        model.update(rate: 1e-3, decay: 1e-3)
    }
    say("\(time / .milliseconds(1) / 1_000)")
}
let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
say(String(status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""))

/// Writes a line at once.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
