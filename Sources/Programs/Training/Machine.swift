private import Foundation

/// What a run may take of the machine.
enum Machine {
    /// Bytes of memory: the machine's own, or what a container was given of it where that is less.
    static var memoryBytes: Int {
        let own = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        // Linux, cgroup v2; the file says `max` where nothing is limited, and is missing outside a container.
        let limit = try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8)
        return min(own, limit.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? own)
    }
}
