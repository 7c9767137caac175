/// Reads frame logs of any bytes, and writes what was read.
///
/// An input is a mode and segments, each of which begins with the format's first words. In the odd modes the checks of
/// all records are made right first, so that the fuzzer comes behind them. From mode 128 on it is the bodies of records, each
/// after one byte that says its length, and the log is made of them. Logs can only be read from files, so the
/// segments are put into a folder `log` of the working directory, which is one in memory.

private import ECGSignal
private import Findings
private import Foundation
private import FrameLog
private import FuzzSupport

/// Called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = unsafe inputBytes(data, count)
    guard let mode = input.first else { return 0 }
    var segments =
        mode < 128 ? SegmentBytes.split(input.dropFirst()) : [SegmentBytes.made(of: input.dropFirst())]
    if mode & 1 == 1 { segments = segments.map(SegmentBytes.withRightChecks) }
    Folder.log.put(segments)
    let path = mode & 2 == 0 ? Folder.log.path : Folder.log.segmentPath(0)
    do throws(FrameLogError) {
        var reader = try FrameLogReader(path)
        do throws(FrameLogError) {
            let entries = try readAll(&reader)
            Tally.count(isTaken: !entries.isEmpty)
            checkWritten(entries)
        } catch {
            Tally.count(isTaken: false)
            law(isTelling("\(error)"), "damage is told")
            do throws(FrameLogError) {
                law(try reader.next() == nil, "nothing behind damage is believed")
            } catch {
                broken("damage is told once")
            }
        }
        law(reader.tornByteCount <= reader.byteCount, "no more is torn off than is there")
    } catch {
        Tally.count(isTaken: false)
        law(isTelling("\(error)"), "a refusal says why")
    }
    if mode & 4 == 4 { _ = FrameLogReader.isLog(path) }
    return 0
}

private func readAll(_ reader: inout FrameLogReader) throws(FrameLogError) -> [LoggedEntry<RawMessage>] {
    var entries: [LoggedEntry<RawMessage>] = []
    while let entry = try reader.next() {
        law(
            entries.last.map { $0.arrival.monotonic <= entry.arrival.monotonic } ?? true,
            "no clock runs back"
        )
        entries.append(entry)
    }
    law(reader.entryCount == entries.count, "entries are counted")
    return entries
}

/// What was read is written as one segment and read back; a log that lasts longer than one is left alone.
private func checkWritten(_ entries: [LoggedEntry<RawMessage>]) {
    guard let first = entries.first, let last = entries.last else { return }
    let (age, isBeyond) = last.arrival.monotonic.subtractingReportingOverflow(first.arrival.monotonic)
    guard !isBeyond, age < 3_000_000_000_000 else { return }
    Folder.copy.put([])
    do throws(FrameLogError) {
        var writer = try FrameLogWriter(
            in: FolderClaim(Folder.copy.path),
            header: header(from: first.arrival.monotonic)
        )
        for entry in entries { try writer.append(entry) }
        try writer.flush()
        var reader = try FrameLogReader(Folder.copy.path)
        let again = try readAll(&reader)
        law(again.count == entries.count, "each entry is written and read back")
        for (one, other) in zip(entries, again) {
            law(areSame(one, other), "an entry is read back as it was")
        }
    } catch { broken("what was read can be written and read; \(error)") }
}

private func header(from monotonic: MonotonicNanoseconds) -> FrameLogHeader {
    FrameLogHeader(
        run: "00000000000000ab",
        node: "local",
        program: "fuzz",
        modelName: "none",
        revisions: Revisions(model: "a", bank: "b", catalogue: "c"),
        hop: 512,
        horizonSeconds: 2,
        streamsMax: 10,
        idleSeconds: 60,
        ingestSpeedMax: nil,
        arrival: Arrival(utc: 0, monotonic: monotonic)
    )
}

private func areSame(_ one: LoggedEntry<RawMessage>, _ other: LoggedEntry<RawMessage>) -> Bool {
    guard one.arrival == other.arrival else { return false }
    return switch (one.content, other.content) {
    case (.frame(let message, let endpoint, let peer), .frame(let same, let from, let sender)):
        message == same && endpoint.utf8.elementsEqual(from.utf8) && peer.utf8.elementsEqual(sender.utf8)
    case (.tick(let isQuiet), .tick(let same)): isQuiet == same
    case (.shutdown, .shutdown): true
    case (.command(let command), .command(let same)): command == same
    case (.policy(let bytes), .policy(let same)): bytes == same
    case (.authorisation(let bytes), .authorisation(let same)): bytes == same
    case (.memory(let bytes), .memory(let same)): bytes == same
    case (.recovery(let step), .recovery(let same)): step == same
    case (.frame, _), (.tick, _), (.shutdown, _), (.command, _), (.policy, _), (.authorisation, _),
        (.memory, _),
        (.recovery, _):
        false
    }
}

/// A folder of segments that is written anew for each input.
private struct Folder {
    static let log = Folder("log")
    static let copy = Folder("copy")

    /// How many segments each folder holds.
    ///
    /// Safe although unchecked: libFuzzer gives one input after the other, all in the program's first thread.
    nonisolated(unsafe) private static var counts: [String: Int] = [:]

    let path: String

    init(_ path: String) {
        self.path = path
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch
        {
            fatalError("the folder \(path) cannot be made")
        }
    }

    func segmentPath(_ place: Int) -> String {
        "\(path)/19700101T000000Z-00000000000000ab-00000\(place + 1).framelog"
    }

    /// Holds these segments and no others, of which there are three at most.
    func put(_ segments: [[UInt8]]) {
        // Where it shall hold none, a writer has put one there.
        let before = segments.isEmpty ? 1 : unsafe Folder.counts[path] ?? 3
        unsafe Folder.counts[path] = segments.count
        for place in 0..<max(before, segments.count) {
            let path = segmentPath(place)
            guard place < segments.count else {
                unsafe unlink(path)
                continue
            }
            let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            // Safe: the bytes live until the call returns.
            let written = unsafe segments[place].withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress, $0.count)
            }
            guard descriptor >= 0, close(descriptor) == 0, written == segments[place].count else {
                fatalError("the segment \(path) cannot be written")
            }
        }
    }
}
