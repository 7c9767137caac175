private import CMachine
private import Foundation

/// The memory of this machine and of this process, bytes.
public enum Memory {
    /// The machine's own, or what a container was given of it where that is less.
    public static var totalBytes: Int {
        let own = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        // Linux, cgroup v2; the file says `max` where nothing is limited, and is missing outside a container.
        let limit = try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8)
        return min(own, limit.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? own)
    }

    /// What programs could still be given; nil where the system does not tell.
    public static var availableBytes: Int? {
        ProcText.kilobytes("MemAvailable:", in: "/proc/meminfo").map { min($0 * 1_024, totalBytes) }
    }

    /// What this process holds; nil where the system does not tell.
    public static var residentBytes: Int? {
        ProcText.kilobytes("VmRSS:", in: "/proc/self/status").map { $0 * 1_024 }
    }

    /// Gives memory that was let go of back to the system, which the C library does by itself only at times.
    public static func giveBack() { machine_give_back_memory() }
}

/// Files of /proc, which are lines of a name with a value.
enum ProcText {
    /// The kilobytes that stand behind `name`; nil where nothing does.
    static func kilobytes(_ name: String, in path: String) -> Int? {
        rest(of: name, in: path).flatMap { $0.split(separator: " ").first }.flatMap { Int($0) }
    }

    /// What stands behind `name` in the first line that begins with it.
    static func rest(of name: String, in path: String) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return text.split(separator: "\n").first { $0.hasPrefix(name) }
            .map { String($0.dropFirst(name.count)).trimmingCharacters(in: .whitespaces) }
    }
}
