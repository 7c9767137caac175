/// Conditioned windows in one file that is mapped, not read: what many epochs go over again and again.
///
///     8 bytes  "SHINWIN1"
///     8 bytes  number of windows, little-endian
///     32 bytes SHA-256 of the key: what the windows were made from
///     then each window: [12][5000] int16, little-endian, units of 1 microvolt
///
/// The file is valid when magic and key are as expected and its size is 48 + 120,000 a window. Values beyond 32.767 mV, which no
/// ECG reaches, are cut off; rounding adds 0.3 microvolts rms, less than any recorder's own step.

private import Digest
private import ECGSignal
private import Foundation

/// A file of conditioned windows.
public struct WindowCache: Sendable {
    /// Values of one window.
    public static let valuesPerWindow = 12 * 5_000
    /// Microvolts of one unit.
    public static let microvoltsPerUnit: Float = 1
    private static let headBytes = 48
    private static let magic = Array("SHINWIN1".utf8)

    /// Windows in the file.
    public let count: Int
    private let bytes: Data

    /// Maps the file at `path`.
    /// - Throws: `unreadable` where there is none, `malformed` where it was made from something else or is not whole.
    public init(path: String, key: String) throws(DataSetError) {
        let mapped: Data
        do { mapped = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) } catch {
            throw DataSetError(.unreadable, path, "no cache of windows can be read there")
        }
        guard mapped.count >= Self.headBytes, mapped.prefix(8).elementsEqual(Self.magic) else {
            throw DataSetError(.malformed, path, "not a cache of windows; remove it")
        }
        let stated = mapped[8..<16].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard mapped[16..<48].elementsEqual(Self.keyBytes(key)) else {
            throw DataSetError(.malformed, path, "its windows were made from other recordings; remove it")
        }
        guard stated <= UInt64(mapped.count),
            mapped.count == Self.headBytes + Int(stated) * Self.valuesPerWindow * 2
        else {
            throw DataSetError(
                .malformed,
                path,
                "\(mapped.count) bytes do not hold \(stated) windows; remove it"
            )
        }
        count = Int(stated)
        bytes = mapped
    }

    /// Writes one window as `[12][5000]` millivolts to `values`, from its start on.
    public func copy(_ window: Int, into values: inout [Float]) {
        precondition(
            (0..<count).contains(window) && values.count >= Self.valuesPerWindow,
            "a window of the file"
        )
        let start = Self.headBytes + window * Self.valuesPerWindow * 2
        // Safe: `init` checked that every window lies within the file, and the pointer is used within the call.
        unsafe bytes.withUnsafeBytes { raw in
            for index in 0..<Self.valuesPerWindow {
                let value = unsafe raw.loadUnaligned(fromByteOffset: start + 2 * index, as: Int16.self)
                values[index] = Float(Int16(littleEndian: value)) / 1_000
            }
        }
    }

    /// Writes a cache window by window and puts it into place when it is whole.
    public final class Writer {
        private let path: String
        private let file: FileHandle
        private var count: UInt64 = 0
        private let key: String

        /// Begins a file beside `path`; `key` names what the windows are made from.
        public init(path: String, key: String) throws(DataSetError) {
            self.path = path
            self.key = key
            guard FileManager.default.createFile(atPath: path + ".part", contents: nil),
                let file = FileHandle(forWritingAtPath: path + ".part")
            else { throw DataSetError(.unreadable, path, "cannot be written; check folder and permissions") }
            self.file = file
            try write(Data(count: WindowCache.headBytes))
        }

        /// Adds a window given as `[12][5000]` millivolts.
        public func append(_ values: [Float]) throws(DataSetError) {
            precondition(values.count == WindowCache.valuesPerWindow, "a window is [12][5000]")
            var data = Data(capacity: values.count * 2)
            for value in values {
                let unit = Int16(max(-32_767, min(32_767, (value * 1_000).rounded())))
                let bits = UInt16(bitPattern: unit)
                data.append(UInt8(truncatingIfNeeded: bits))
                data.append(UInt8(truncatingIfNeeded: bits >> 8))
            }
            try write(data)
            count += 1
        }

        /// Puts the file into place; nothing stands at `path` before.
        public func finish() throws(DataSetError) {
            do { try file.seek(toOffset: 0) } catch { throw failure }
            let number = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * UInt64($0))) }
            try write(Data(WindowCache.magic + number + WindowCache.keyBytes(key)))
            do {
                try file.synchronize()
                try file.close()
            } catch { throw failure }
            // Safe: both strings outlive the call, which keeps no pointer.
            guard unsafe rename(path + ".part", path) == 0 else { throw failure }
        }

        private func write(_ data: Data) throws(DataSetError) {
            do { try file.write(contentsOf: data) } catch { throw failure }
        }

        private var failure: DataSetError {
            DataSetError(
                .unreadable,
                path,
                "cannot be written; is the disk full? About 120 kB a window are needed"
            )
        }
    }

    private static func keyBytes(_ key: String) -> [UInt8] {
        let digits = Array(SHA256.hex(Array(key.utf8)).utf8)
        return stride(from: 0, to: digits.count, by: 2).map { index in
            UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) ?? 0
        }
    }
}
