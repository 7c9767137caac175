/// Sends messages of any frames to the chunk decoder.
///
/// An input is a mode, the topic's length, the topic, the body; the mode says which third frame goes with them, among
/// others the right CRC, which no fuzzer would find. From mode 128 on the bytes are the values of a chunk that the encoder
/// writes, if it takes them, so that many inputs come behind the checks of the frames.

private import ECGSignal
private import Findings
private import FuzzSupport
private import Wire

/// A decoder that has read all inputs before; what it makes of the next one must not depend on them.
///
/// Safe although unchecked: libFuzzer gives one input after the other, all in the program's first thread.
nonisolated(unsafe) private var kept = ChunkDecoder()

/// Called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = unsafe inputBytes(data, count)
    guard input.count >= 2 else { return 0 }
    let parts = input[0] < 128 ? frames(of: input) : MadeChunk.frames(of: input.dropFirst())
    guard let parts else { return 0 }
    let judged = unsafe kept.judge(.parts(parts))
    do throws(Refusal) {
        let chunk = try ChunkDecoder.decode(parts: parts)
        Tally.count(isTaken: true)
        guard case .success(let again) = judged else { broken("the decoder has a memory") }
        law(areSame(chunk, again), "a decoder's past changes nothing")
        law(chunk.nanovoltsPerUnit == again.nanovoltsPerUnit, "a decoder's past changes no gain")
        check(chunk)
        checkWritten(chunk, withChecksum: input[0] & 4 != 0)
    } catch {
        Tally.count(isTaken: false)
        guard case .failure(let again) = judged else { broken("the decoder has a memory") }
        law(again == error, "a decoder's past changes no refusal")
        check(error)
    }
    return 0
}

private func frames(of input: [UInt8]) -> [[UInt8]] {
    let rest = input[2...]
    let topic = Array(rest.prefix(Int(input[1])))
    let body = Array(rest.dropFirst(topic.count))
    switch input[0] & 3 {
    case 0: return [topic, body]
    case 1:
        let check = Checksum.crc32c.value(of: topic, [0], body)
        return [topic, body, (0..<4).map { UInt8(truncatingIfNeeded: check >> ($0 * 8)) }]
    case 2: return [topic, Array(body.dropLast(4)), Array(body.suffix(4))]
    default: return Array(repeating: body, count: topic.count % 6)
    }
}

private func check(_ refusal: Refusal) {
    law(!refusal.detail.isEmpty && refusal.detail.utf8.count <= 512, "a refusal says why, in few words")
    law(Set(refusal.leads).count == refusal.leads.count, "a refusal names each lead once")
    law(
        (0...ChunkDecoder.samplesMax).contains(refusal.sampleCount),
        "a refusal counts no more than a chunk can hold"
    )
}

private func check(_ chunk: LeadChunk) {
    law(
        (1...ChunkDecoder.samplesMax).contains(chunk.sampleCount),
        "the number of samples is within its limits"
    )
    law(chunk.endSample <= Int64(ChunkDecoder.sampleIndexMax), "the chunk ends below 2^48")
    law(Set(chunk.leads.map(\.lead)).count == chunk.leads.count, "each lead stands once")
    for lead in chunk.leads {
        law(lead.millivolts.count == chunk.sampleCount, "each lead has all samples")
        law(lead.millivolts.allSatisfy { $0.isNaN || abs($0) <= 10_000 }, "no sample is beyond 10 V")
    }
}

/// What was decoded is written again, as real numbers in millivolts, and read back.
private func checkWritten(_ chunk: LeadChunk, withChecksum: Bool) {
    guard !chunk.leads.isEmpty else { return }
    let outgoing = OutgoingChunk(
        stream: chunk.stream,
        sequence: chunk.sequence,
        track: chunk.track,
        firstSample: chunk.firstSample,
        rate: chunk.rate,
        nanovoltsPerUnit: 1e6,
        encoding: .float32,
        leads: chunk.leads.map { lead in
            OutgoingLead(
                lead: lead.lead,
                isDerived: lead.isDerived,
                samples: .reals(lead.millivolts),
                invalid: missing(in: lead.millivolts),
                facts: lead.facts
            )
        },
        gatewayTime: chunk.gatewayTime,
        device: chunk.device,
        isLast: chunk.isLast
    )
    do throws(Refusal) {
        let frames = try ChunkEncoder.frames(outgoing, withChecksum: withChecksum)
        law(areSame(chunk, try ChunkDecoder.decode(parts: frames)), "what decodes encodes back to the same")
    } catch { broken("what decodes can be encoded; \(error)") }
}

private func missing(in millivolts: [Float]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for (index, value) in millivolts.enumerated() where value.isNaN {
        if let last = ranges.last, last.upperBound == index {
            ranges[ranges.count - 1] = last.lowerBound..<index + 1
        } else {
            ranges.append(index..<index + 1)
        }
    }
    return ranges
}

/// Whether two chunks say the same bit for bit, their gain and the number of unknown leads aside.
private func areSame(_ one: LeadChunk, _ other: LeadChunk) -> Bool {
    one.stream == other.stream && one.sequence == other.sequence && one.track == other.track
        && one.firstSample == other.firstSample && one.sampleCount == other.sampleCount
        && one.rate == other.rate && one.gatewayTime == other.gatewayTime && one.device == other.device
        && one.isLast == other.isLast && one.leads.count == other.leads.count
        && zip(one.leads, other.leads).allSatisfy { left, right in
            left.lead == right.lead && left.isDerived == right.isDerived && left.facts == right.facts
                && left.millivolts.elementsEqual(right.millivolts) { $0.bitPattern == $1.bitPattern }
        }
}
