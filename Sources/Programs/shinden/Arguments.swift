public import ArgumentParser
public import ECGSignal
internal import Gateway
public import Wire

/// `--speed`: how fast stream time passes.
struct ReplaySpeed: ExpressibleByArgument {
    let speed: Replayer.Speed

    init(_ speed: Replayer.Speed) { self.speed = speed }

    init?(argument: String) {
        if argument == "max" {
            speed = .max
        } else if let factor = Double(argument), (0.001...1e6).contains(factor) {
            speed = .times(factor)
        } else {
            return nil
        }
    }
}

/// `--encoding`, by the names of the wire.
extension SampleEncoding: ExpressibleByArgument {
    /// The encoding of that name.
    public init?(argument: String) { self.init(name: argument) }

    /// The names that the option takes.
    public static var allValueStrings: [String] { allCases.map(\.name) }
}

/// `--rate`: 130, 128.5 or 65615/128.
extension SampleRate: ExpressibleByArgument {
    /// The rate in hertz.
    public init?(argument: String) { self.init(text: argument) }
}

/// `--kind`, by the names that topics use.
extension EventKind: ExpressibleByArgument {}
