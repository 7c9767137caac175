/// Opens recordings that are made of any bytes, in memory: headers, segments, signal files of every format.
///
/// An input is a mode, the length of the first signal file, headers that end in a zero byte each, and the bytes of the
/// signal files `d` and `e`. The mode says how many headers there are: `r` is opened, the others are its segments.

private import ECGSignal
private import FuzzSupport
private import Recordings

/// Called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = unsafe inputBytes(data, count)
    guard input.count >= 3 else { return 0 }
    do throws(RecordingError) {
        let recording = try Recording(header: "r.hea", in: RecordingFiles(memory: files(of: input)))
        Tally.count(isTaken: true)
        check(recording, cut: Int(input[0] >> 2))
        checkStream(of: recording)
    } catch {
        Tally.count(isTaken: false)
        law(isTelling("\(error)"), "a refusal says why")
    }
    return 0
}

private func files(of input: [UInt8]) -> [String: [UInt8]] {
    let headerCount = 1 + Int(input[0] & 3)
    let firstBytes = Int(input[1]) | Int(input[2]) << 8
    var parts = input[3...].split(separator: 0, maxSplits: headerCount, omittingEmptySubsequences: false)
    let signals = parts.count > headerCount ? parts.removeLast() : []
    var files: [String: [UInt8]] = [
        "d": Array(signals.prefix(firstBytes)), "e": Array(signals.dropFirst(firstBytes)),
    ]
    for (name, header) in zip(["r.hea", "s.hea", "t.hea", "u.hea"], parts) { files[name] = Array(header) }
    return files
}

/// What can be read of a recording is the same however it is cut; no more than a few channels and seconds of it.
private func check(_ recording: Recording, cut: Int) {
    law(recording.frameCount >= 1, "a recording has samples")
    law(!recording.channels.isEmpty, "a recording has channels")
    for (number, channel) in recording.channels.enumerated().prefix(4) {
        law(channel.sampleCount >= recording.frameCount, "a channel has a sample in each frame")
        let begin = 0..<min(channel.sampleCount, 2_000)
        checkCut(recording, number, begin, at: begin.count * cut / 64)
        checkCut(recording, number, max(0, channel.sampleCount - 300)..<channel.sampleCount, at: 1)
    }
}

private func checkCut(_ recording: Recording, _ channel: Int, _ range: Range<Int>, at place: Int) {
    let middle = range.lowerBound + min(place, range.count)
    do throws(RecordingError) {
        let whole = try recording.samples(of: channel, in: range)
        let left = try recording.samples(of: channel, in: range.lowerBound..<middle)
        let right = try recording.samples(of: channel, in: middle..<range.upperBound)
        law(whole.count == range.count, "all samples that are asked for come")
        law(
            whole.missing.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= whole.count && !$0.isEmpty },
            "what is missing lies within the stretch"
        )
        law(bits(whole) == bits(left) + bits(right), "a stretch is the same however it is cut")
    } catch { broken("a recording that was opened can be read; \(error)") }
}

/// Each sample by its bits; nil where it is missing.
private func bits(_ samples: RecordedSamples) -> [UInt32?] {
    var bits: [UInt32?] =
        switch samples.values {
        case .integers(let values): values.map { UInt32(bitPattern: $0) }
        case .reals(let values): values.map(\.bitPattern)
        }
    for range in samples.missing { for index in range { bits[index] = nil } }
    return bits
}

/// The first chunks of the stream that the recording is replayed as.
private func checkStream(of recording: Recording) {
    do throws(RecordingError) {
        let (stream, _) = try RecordedStream.read(recording)
        law(!stream.leads.isEmpty, "a stream has leads")
        law(StreamIdentity.isValidID(stream.identity.patient), "a stream's patient is an id of the wire")
        var chunks = stream.chunks
        for _ in 0..<3 {
            guard let chunk = try chunks.next() else { return }
            law((1...2_000).contains(chunk.sampleCount), "a chunk has at most 2,000 samples")
            law(
                chunk.leads.allSatisfy { $0.millivolts.count == chunk.sampleCount },
                "each lead has all samples"
            )
            law(
                chunk.leads.allSatisfy { $0.millivolts.allSatisfy { $0.isFinite || $0.isNaN } },
                "no sample is infinite"
            )
        }
    } catch { law(error.kind == .leads && isTelling("\(error)"), "a recording without leads says so") }
}
