private import Glibc
public import Logging
private import Synchronization

/// Writes whole lines to a file descriptor and never waits, throws or ends the program, whatever has become of it.
///
/// A daemon must outlive its terminal and the program that reads its words. A line that the descriptor does not take
/// at once is dropped and counted, and the next line that passes is preceded by one that says so.
public final class LineWriter: Sendable {
    /// PIPE_BUF: a pipe that is writable takes so many bytes in one piece (pipe(7)).
    ///
    /// A longer line is cut.
    public static let bytesMax = 4_096

    /// What became of lines.
    struct Counts: Sendable {
        /// Lines written, by level.
        var written: [Logger.Level: Int] = [:]
        /// Lines dropped.
        var dropped = 0
        /// Lines dropped since the last one that said so.
        fileprivate var unsaid = 0
    }

    private let descriptor: Int32
    private let state = Mutex(Counts())

    /// A writer to an open descriptor, which it neither owns nor closes; 2 is stderr.
    public init(descriptor: Int32 = 2) { self.descriptor = descriptor }

    /// Lines that were dropped and not yet said.
    public var droppedCount: Int { state.withLock { $0.unsaid } }

    /// What became of lines so far.
    var counts: Counts { state.withLock { $0 } }

    /// Writes `line` and the end of line, or counts it as dropped.
    public func write(_ line: String, level: Logger.Level = .info) {
        state.withLock { state in
            if state.unsaid > 0 {
                guard send("shinden: \(state.unsaid) lines could not be written") else {
                    state.unsaid += 1
                    state.dropped += 1
                    return
                }
                state.unsaid = 0
            }
            if send(line) {
                state.written[level, default: 0] += 1
            } else {
                state.unsaid += 1
                state.dropped += 1
            }
        }
    }

    private func send(_ line: String) -> Bool {
        var bytes = Array(line.utf8.prefix(LineWriter.bytesMax - 1))
        bytes.append(UInt8(ascii: "\n"))
        while true {
            var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            // Safe: one local item; the array outlives the call, which reads `bytes.count` bytes of it.
            guard unsafe poll(&item, 1, 0) == 1, item.revents & Int16(POLLOUT) != 0 else { return false }
            if unsafe Glibc.write(descriptor, bytes, bytes.count) >= 0 { return true }
            if errno != EINTR { return false }
        }
    }
}
