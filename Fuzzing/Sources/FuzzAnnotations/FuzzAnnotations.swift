/// Reads annotation files of any bytes, and writes what was read.

private import FuzzSupport
private import Recordings

/// Called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    do throws(RecordingError) {
        let file = try AnnotationFile(bytes: unsafe inputBytes(data, count), path: "r.atr")
        Tally.count(isTaken: true)
        check(file)
    } catch {
        Tally.count(isTaken: false)
        law(isTelling("\(error)"), "a refusal says why")
    }
    return 0
}

private func check(_ file: AnnotationFile) {
    law(
        zip(file.annotations, file.annotations.dropFirst()).allSatisfy { $0.sample <= $1.sample },
        "marks stand in the order of their samples"
    )
    // A note that looks like the file's own resolution would be taken for it.
    guard !file.annotations.contains(where: { $0.text.hasPrefix("## time resolution: ") }) else { return }
    do throws(RecordingError) {
        let again = try AnnotationFile(bytes: file.bytes, path: "r.atr")
        law(again.ticksPerSecond == file.ticksPerSecond, "the resolution is written and read back")
        law(again.annotations.count == file.annotations.count, "each mark is written and read back")
        for (read, written) in zip(again.annotations, file.annotations) {
            var cut = written
            cut.text = read.text
            law(read == cut, "a mark is written and read back as it was")
            law(
                written.text.utf8.starts(with: read.text.utf8)
                    && read.text.utf8.count >= min(252, written.text.utf8.count),
                "a text is written and read back, or cut at a character"
            )
        }
    } catch { broken("what was read can be written and read; \(error)") }
}
