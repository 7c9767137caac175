internal import ECGSignal
internal import Foundation

/// Conditioned windows in one file that is mapped, not read: what every epoch and every resumed run goes over again.
///
///     8 bytes   "SHINWIN2"
///     8 bytes   number of windows, little-endian
///     64 bytes  what the windows were made from, as SHA-256 in hexadecimal
///     windows   each [5000][12] int16, little-endian, microvolts
///     index     JSON to the end of the file: whose windows they are, and what was left out
///
/// The file is valid when magic and key are as expected, it holds all its windows and the index can be read. Values beyond
/// 32.767 mV, which no ECG reaches, are cut off; rounding adds 0.3 microvolts rms, less than any recorder's own step.
struct WindowCache: Sendable {
    /// What stands beside the windows.
    struct Index: Codable, Sendable, Equatable {
        /// A window of a recording: its own place and that of its settled form, which may be the same.
        struct Window: Codable, Sendable, Equatable {
            let recording: Int
            let started: Int
            let settled: Int
        }

        /// A recording that was left out, and why.
        struct LeftOut: Codable, Sendable, Equatable {
            let path: String
            let reason: String
        }

        var windows: [Window] = []
        var leftOut: [LeftOut] = []
        /// Whether windows that the daemon withholds were left out; nil in files of versions that kept them.
        var leavesOutWithheld: Bool?
    }

    /// Values of one window.
    static let valuesPerWindow = Grid.windowSamples * Lead.channelCount
    private static let headBytes = 80
    private static let magic = Array("SHINWIN2".utf8)

    let index: Index
    private let bytes: Data

    /// Maps the file at `path`; nil where there is none, it was made from something else, or it is not whole.
    ///
    /// `key` is the SHA-256 of what they were made from, 64 hexadecimal digits.
    init?(path: String, key: String) {
        guard let mapped = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped),
            mapped.count >= Self.headBytes, mapped.prefix(8).elementsEqual(Self.magic),
            mapped[16..<80].elementsEqual(key.utf8)
        else { return nil }
        let count = mapped[8..<16].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let room = UInt64(mapped.count - Self.headBytes) / UInt64(Self.valuesPerWindow * 2)
        guard count <= room else { return nil }
        let end = Self.headBytes + Int(count) * Self.valuesPerWindow * 2
        guard let index = try? JSONDecoder().decode(Index.self, from: Data(mapped[end...])),
            index.windows.allSatisfy({ [$0.started, $0.settled].allSatisfy((0..<Int(count)).contains) })
        else { return nil }
        self.index = index
        bytes = mapped
    }

    /// `rows` rows of a window from row `first` on, `[rows][12]`, microvolts times `scale`.
    func rows(of window: Int, from first: Int, count rows: Int, scale: Float) -> [Float] {
        let start = Self.headBytes + (window * Self.valuesPerWindow + first * Lead.channelCount) * 2
        let count = rows * Lead.channelCount
        precondition(
            first >= 0 && first + rows <= Grid.windowSamples && start + count * 2 <= bytes.count,
            "rows of a window of the file"
        )
        // Safe: the bounds were checked above, and the pointer is used within the call.
        return unsafe bytes.withUnsafeBytes { raw in
            (0..<count).map { place in
                let value = unsafe raw.loadUnaligned(fromByteOffset: start + 2 * place, as: Int16.self)
                return Float(Int16(littleEndian: value)) * scale
            }
        }
    }

    /// Writes a cache window by window and puts it into place when it is whole.
    final class Writer {
        private let path: String
        private let key: String
        private let file: FileHandle
        private var count = 0
        private var isFinished = false

        /// Begins a file beside `path`, where nothing may stand but windows of another run.
        ///
        /// `key` is as in `WindowCache.init`.
        init(path: String, key: String) throws(TrainingError) {
            self.path = path
            self.key = key
            try Writer.checkPlace(path)
            let manager = FileManager.default
            guard
                manager.fileExists(atPath: path + ".new")
                    || manager.createFile(atPath: path + ".new", contents: nil),
                let file = FileHandle(forWritingAtPath: path + ".new")
            else {
                throw TrainingError(.inputOutput, "\(path): cannot be written; check folder and permissions")
            }
            // The lock goes with the descriptor, so that a run which was killed leaves none.
            guard flock(file.fileDescriptor, LOCK_EX | LOCK_NB) == 0, Writer.isStill(file, path + ".new")
            else {
                throw TrainingError(
                    .inputOutput,
                    "\(path): another run is writing it; wait, or take another --cache"
                )
            }
            self.file = file
            do { try file.truncate(atOffset: 0) } catch { throw failure }
            try write(Data(count: WindowCache.headBytes))
        }

        /// Whether the file that was opened has its name yet: the run that held the lock before may have finished it.
        private static func isStill(_ file: FileHandle, _ path: String) -> Bool {
            var (opened, named) = (stat(), stat())
            // Safe: both outlive the calls, which keep no pointer.
            guard unsafe fstat(file.fileDescriptor, &opened) == 0, unsafe stat(path, &named) == 0 else {
                return false
            }
            return opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
        }

        /// Refuses to replace what no run has written: a mistyped `--cache` must cost nobody a file.
        private static func checkPlace(_ path: String) throws(TrainingError) {
            let place = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
            guard let facts = try? FileManager.default.attributesOfItem(atPath: place) else { return }
            var head = Data()
            if facts[.type] as? FileAttributeType == .typeRegular,
                let file = FileHandle(forReadingAtPath: place)
            {
                head = (try? file.read(upToCount: 7)) ?? Data()
                try? file.close()
            }
            guard head.elementsEqual(WindowCache.magic.prefix(7)) else {
                throw TrainingError(
                    .inputOutput,
                    "\(path): holds something else than windows; take another --cache"
                )
            }
        }

        deinit { if !isFinished { try? FileManager.default.removeItem(atPath: path + ".new") } }

        /// Adds a window, `[5000][12]` microvolts, and gives its place.
        func append(_ values: [Int16]) throws(TrainingError) -> Int {
            precondition(values.count == WindowCache.valuesPerWindow, "a window is [5000][12]")
            // Safe: the array lives through the call.
            try write(unsafe values.map(\.littleEndian).withUnsafeBytes { unsafe Data($0) })
            count += 1
            return count - 1
        }

        /// Puts the file into place; until now what stood at `path` is intact.
        func finish(_ index: Index) throws(TrainingError) {
            do {
                try file.write(contentsOf: JSONEncoder().encode(index))
                try file.seek(toOffset: 0)
                let number = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
                try file.write(contentsOf: Data(WindowCache.magic + number + Array(key.utf8)))
                try file.synchronize()
            } catch { throw failure }
            // Safe: both strings outlive the call, which keeps no pointer.
            guard unsafe rename(path + ".new", path) == 0 else { throw failure }
            isFinished = true
            // The lock is held until the name is taken, so that no other run writes into a finished file.
            try? file.close()
        }

        private func write(_ data: Data) throws(TrainingError) {
            do { try file.write(contentsOf: data) } catch { throw failure }
        }

        private var failure: TrainingError {
            TrainingError(
                .inputOutput,
                "\(path): cannot be written; is the disk full? A window to learn from needs 240 kB"
            )
        }
    }
}
