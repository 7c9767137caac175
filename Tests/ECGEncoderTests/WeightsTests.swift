import ECGEncoder
import TestSupport
import Testing

@Suite struct WeightsTests {
    @Test(
        arguments: [
            "conv1.weight", "bn1.running_mean", "layer2.0.downsample.1.bias", "layer4.1.conv2.weight",
            "attention.weight",
            "projection.weight", "projection.bias",
        ],
        [Float.nan, .infinity, -.infinity]
    )
    func `a value that is no finite number is refused by the tensor's name`(name: String, value: Float) throws
    {
        let error = try #require(refusal { $0 == name ? $1.dropLast() + [value] : $1 })
        #expect(error.tensor == name)
        #expect(error.reason.contains("not a finite number"))
    }

    @Test func `a tensor of another size is refused by its name`() throws {
        let error = try #require(refusal { $0 == "layer3.1.conv1.weight" ? Array($1.dropLast()) : $1 })
        #expect(error.tensor == "layer3.1.conv1.weight")
    }

    @Test func `a negative variance is refused by the tensor's name`() throws {
        let error = try #require(refusal { $0 == "layer1.1.bn2.running_var" ? $1.map { -$0 } : $1 })
        #expect(error.tensor == "layer1.1.bn2.running_var")
    }

    @Test func `weights that overflow once the norm is folded in are refused`() throws {
        let error = try #require(
            refusal { name, values in
                switch name {
                case "bn1.weight", "conv1.weight": values.map { _ in 1e38 }
                default: values
                }
            }
        )
        #expect(error.tensor == "conv1.weight")
    }

    @Test func `a source that lacks a tensor is heard`() {
        #expect(throws: EncoderWeightsError(tensor: "bn1.bias", reason: "missing")) {
            try Encoder(Networks.narrow) { name, shape throws(EncoderWeightsError) in
                if name == "bn1.bias" { throw EncoderWeightsError(tensor: name, reason: "missing") }
                return RandomWeights(seed: 1).tensor(name, shape)
            }
        }
    }

    private func refusal(_ change: (String, [Float]) -> [Float]) -> EncoderWeightsError? {
        do throws(EncoderWeightsError) {
            _ = try Encoder(Networks.narrow) { name, shape throws(EncoderWeightsError) in
                change(name, RandomWeights(seed: 1).tensor(name, shape))
            }
            return nil
        } catch {
            return error
        }
    }
}
