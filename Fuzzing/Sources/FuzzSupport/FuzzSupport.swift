/// What all fuzzers share: their input as bytes, the laws that must hold of it, and a count of how deep they come.

private import Glibc
private import Synchronization

/// The input that libFuzzer hands over; it is copied, so that nothing keeps the pointer.
public func inputBytes(_ data: UnsafePointer<UInt8>, _ count: Int) -> [UInt8] {
    // Safe: libFuzzer gives the address of `count` bytes that live until the call returns.
    unsafe Array(UnsafeBufferPointer(start: data, count: count))
}

/// Ends the program where `holds` is false; libFuzzer keeps the input that led here.
public func law(_ holds: Bool, _ sentence: @autoclosure () -> String) {
    if !holds { broken(sentence()) }
}

/// Ends the program because a law does not hold.
///
/// To end is how a fuzzer reports: libFuzzer keeps the input that was being read, and nothing else would stop it.
public func broken(_ law: String) -> Never { fatalError("broken law: \(law)") }

/// How many inputs were taken and how many were refused; the program prints both when it ends.
///
/// Where hardly any input is taken the fuzzer looks at the outermost checks alone, and its corpus wants better seeds.
public enum Tally {
    private static let takenCount = Atomic<Int>(0)
    private static let refusedCount = Atomic<Int>(0)
    private static let isRegistered: Bool = {
        atexit { print("taken \(Tally.taken) refused \(Tally.refused)") }
        return true
    }()

    /// The number of inputs that were taken.
    public static var taken: Int { takenCount.load(ordering: .relaxed) }
    /// The number of inputs that were refused.
    public static var refused: Int { refusedCount.load(ordering: .relaxed) }

    /// Counts an input.
    public static func count(isTaken: Bool) {
        _ = isRegistered
        if isTaken { takenCount.add(1, ordering: .relaxed) } else { refusedCount.add(1, ordering: .relaxed) }
    }
}

/// Whether an error tells a person something: `words` are there, and not without end.
public func isTelling(_ words: String) -> Bool { !words.isEmpty && words.utf8.count <= 16_384 }
