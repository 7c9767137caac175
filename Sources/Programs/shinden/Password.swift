private import Glibc

/// A password, as a person or a program gives it.
enum Password {
    /// The bytes of a password: asked for twice on a terminal, which shows none of it, else the first line of stdin.
    ///
    /// Nil where there is none, or the second is another than the first.
    static func ask() -> [UInt8]? {
        guard isatty(STDIN_FILENO) == 1 else { return line() }
        var before = termios()
        // Safe: the call writes into one local value.
        guard unsafe tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
        var silent = before
        // Without signals too, so that Ctrl-C does not end the program and leave a terminal that shows nothing; Ctrl-D gives up.
        silent.c_lflag &= ~tcflag_t(ECHO | ISIG)
        // Safe: both are locals of this function, which the calls only read.
        _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer { _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &before) }
        Output.words("Password (8 bytes at least; nothing is shown):")
        guard let first = line() else { return nil }
        Output.words("The same again:")
        return line() == first ? first : nil
    }

    private static func line() -> [UInt8]? { readLine().map { Array($0.utf8) } }
}
