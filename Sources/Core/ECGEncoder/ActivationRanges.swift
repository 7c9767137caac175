/// How large each convolution's outputs become, channel by channel: what an encoder of eight bits spreads its bytes over.

/// The greatest magnitudes of one window, or of many.
public struct ActivationRanges: Sendable, Equatable {
    /// The convolutions in the network's order, by the name under which an encoder asks for their ranges.
    public let names: [String]
    /// For each convolution the greatest magnitude of each of its outputs.
    public private(set) var greatest: [[Float]]

    init(_ network: Network) {
        names = network.convolutions.map(\.rangeName)
        greatest = network.convolutions.map { Array(repeating: 0, count: $0.outputs) }
    }

    /// The ranges of that name, as an encoder of eight bits asks for them; nil where there is none.
    public func tensor(_ name: String) -> [Float]? { names.firstIndex(of: name).map { greatest[$0] } }

    /// Takes the outputs of convolution `number` into account, which stand in `memory` at `rows`.
    mutating func note(_ number: Int, rows: [Int], memory: [Float]) {
        for row in rows {
            for channel in greatest[number].indices {
                greatest[number][channel] = max(greatest[number][channel], abs(memory[row + channel]))
            }
        }
    }

    /// Ranges that so great a share of the windows keep within, channel by channel; what is rarer is cut off.
    ///
    /// A range that holds every window would give all others coarser steps for the sake of one with an artefact.
    /// - Parameters:
    ///   - share: 0 ... 1.
    ///   - windows: At least one, all of one network.
    /// - Returns: The ranges, in the network's order.
    public static func covering(_ share: Double, of windows: [ActivationRanges]) -> ActivationRanges {
        precondition(!windows.isEmpty && (0...1).contains(share), "a share of some windows")
        var result = windows[0]
        let place = min(windows.count - 1, Int(share * Double(windows.count)))
        for number in result.greatest.indices {
            for channel in result.greatest[number].indices {
                result.greatest[number][channel] =
                    windows.map { $0.greatest[number][channel] }.sorted()[place]
            }
        }
        return result
    }
}

extension Encoder {
    /// How large each convolution's outputs become in one window, `[5000][12]` as `embed` wants it.
    ///
    /// The encoder is one of floats: what bytes cut off cannot be seen.
    public func activationRanges(window: [Float], using workspace: EncoderWorkspace) -> ActivationRanges {
        precondition(precision == .float32, "an encoder of floats")
        workspace.watched = ActivationRanges(network)
        _ = embed(window: window, using: workspace)
        defer { workspace.watched = nil }
        return workspace.watched ?? ActivationRanges(network)
    }
}
