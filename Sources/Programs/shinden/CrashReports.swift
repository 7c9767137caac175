private import Foundation

#if canImport(Glibc)
private import Glibc
#endif

/// What a fault of the program leaves on stderr.
enum CrashReports {
    /// The faults that Swift's runtime writes a report of by itself.
    private static let faults = [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP]

    /// Leaves faults to the system, which ends the program and writes nothing, unless `SWIFT_BACKTRACE` is set.
    ///
    /// The runtime's report shows the memory that the registers point to, as letters too, so ids and samples of patients
    /// may stand in it, and it goes where the log goes. The sentence of a failed check is still written.
    static func leaveToSystem() {
        guard ProcessInfo.processInfo.environment["SWIFT_BACKTRACE"] == nil else { return }
        for fault in faults { _ = signal(fault, SIG_DFL) }
    }
}
