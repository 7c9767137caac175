private import ArgumentParser
private import Presentation

#if canImport(Glibc)
private import Glibc
#endif

/// Data on stdout, words on stderr; both as UTF-8 lines that are written at once.
enum Output {
    /// Lets a closed pipe be an answer of `write` instead of the end of the program.
    ///
    /// A program that was started without stdin, stdout or stderr gets an empty one: else the next file or socket that
    /// it opens would get that number, and words for a person would go there. Data have no place then, so stdout is one
    /// that refuses them.
    static func prepare() {
        _ = signal(SIGPIPE, SIG_IGN)
        // A file that may not grow any more (ulimit -f) is an answer of `write` too.
        _ = signal(SIGXFSZ, SIG_IGN)
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest number that is free is given: this one, as those before it are taken.
            _ = unsafe open("/dev/null", descriptor == STDOUT_FILENO ? O_RDONLY : O_RDWR)
        }
    }

    /// A line of data; ends the program, with 0, where its reader has gone (`| head -1`).
    static func data(_ line: String) { data(Array(line.utf8)) }

    /// A line of a page for people, which may hold what a file says of itself.
    static func page(_ line: String) { data(Printable.line(line)) }

    /// A line of data for people; on a terminal it is broken where the terminal ends.
    static func people(_ line: String, indent: Int = 4) {
        let line = Printable.line(line)
        guard let columns = columns(of: STDOUT_FILENO) else { return data(line) }
        for part in Columns.wrapped(line, to: columns, indent: indent) { data(part) }
    }

    /// What every reader must know first: what this program is not, and what its model never says.
    static func notice(_ notLookedFor: String?) {
        words("Research software, not a medical device.")
        guard let notLookedFor else { return }
        guard let columns = columns(of: STDERR_FILENO) else { return words(notLookedFor) }
        for part in Columns.wrapped(notLookedFor, to: columns) { words(part) }
    }

    /// How wide the terminal is that a descriptor leads to; nil where it is a file, a pipe or too narrow for words.
    private static func columns(of descriptor: Int32) -> Int? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        // Safe: the call writes into one local value.
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 else { return nil }
        return Int(size.ws_col)
    }

    /// A line of data given as bytes.
    static func data(_ line: [UInt8]) {
        switch send(line + [UInt8(ascii: "\n")], to: STDOUT_FILENO) {
        case 0: return
        case EPIPE: exit(0)
        case let number:
            words("shinden: stdout cannot be written (errno \(number)); give it room or another place")
            exit(Failure.inputOutput.rawValue)
        }
    }

    /// A sentence for a person.
    static func words(_ line: String) {
        _ = send(Array((Printable.line(line) + "\n").utf8), to: STDERR_FILENO)
    }

    /// Writes over the terminal's last line; for progress.
    static func overwrite(_ line: String) { _ = send(Array(("\r\u{1B}[K" + line).utf8), to: STDERR_FILENO) }

    /// Whether stderr is a terminal: progress bars are for people only.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes all of it; 0 or the errno.
    private static func send(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            // Safe: the slice outlives the call, which reads `count` bytes of it.
            let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                // Safe: one local item.
                _ = unsafe poll(&item, 1, 100)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}
