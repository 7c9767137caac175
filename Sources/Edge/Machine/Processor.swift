private import Foundation

/// The processor of this machine, as the system tells of it.
public struct Processor: Sendable, Equatable {
    /// Its maker's name for it; `unknown` where the system does not tell.
    public let name: String
    /// Threads that run at once for this program.
    public let count: Int
    /// The names of its instruction sets, as Linux writes them, for example `avx2`.
    public let features: Set<String>

    /// A processor of that name.
    public init(name: String, count: Int, features: Set<String>) {
        self.name = name
        self.count = count
        self.features = features
    }

    /// The processor that this program runs on.
    public static var here: Processor {
        Processor(
            name: value("model name") ?? "unknown",
            count: ProcessInfo.processInfo.activeProcessorCount,
            features: Set((value("flags") ?? "").split(separator: " ").map(String.init))
        )
    }

    private static func value(_ name: String) -> String? {
        guard let rest = ProcText.rest(of: name, in: "/proc/cpuinfo") else { return nil }
        return String(rest.drop { ": \t".contains($0) })
    }
}
