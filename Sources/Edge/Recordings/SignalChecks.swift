/// Whether the samples are those that the header was written for: its first values and sums, in one pass over the bytes.
internal import Digest

extension SignalFiles {
    /// Reads every byte that counts, adds it to `digest` and compares the header's first values and checksums.
    ///
    /// A header whose checksums are all 0 although the sums are not was never given any: that is a remark. A sum over
    /// the whole of a file that is longer than the header says is taken as well, since some writers shorten the header
    /// alone.
    func verify(into digest: inout BLAKE2b) throws(RecordingError) -> [RecordingRemark] {
        var sums = [UInt16](repeating: 0, count: signals.count)
        var firstValues = [Int32?](repeating: nil, count: signals.count)
        for group in groups {
            for piece in pieces(of: group, frames: 0..<frames) {
                let bytes = try bytes(of: group, frames: piece)
                digest.update(bytes)
                add(bytes, of: group, piece, to: &sums)
                if piece.lowerBound == 0 {
                    for member in group.members where group.format != .differences8 {
                        firstValues[member.signal] =
                            decode(member.signal, of: group, bytes, frames: 0..<1).first
                    }
                }
            }
        }
        // In format 8 the sum is one of values, the bytes are differences.
        for (number, group) in groups.enumerated() where group.format == .differences8 {
            try addValues(ofGroup: number, 0..<frames, to: &sums)
        }
        let isComputed = signals.contains { $0.checksum.map { $0 != 0 } ?? true }
        let isRight = zip(signals, sums).allSatisfy { signal, sum in signal.checksum.map { $0 == sum } ?? true
        }
        if !isComputed, !isRight {
            if signals.contains(where: { $0.firstValue ?? 0 != 0 }) { try checkFirst(firstValues) }
            return [.checksumsNeverComputed(header: path)]
        }
        if !isRight { try checkSums(sums) }
        try checkFirst(firstValues)
        return []
    }

    private func checkFirst(_ values: [Int32?]) throws(RecordingError) {
        for (signal, value) in zip(signals, values) {
            guard let stated = signal.firstValue, let value, stated != value else { continue }
            throw damaged(signal, "the first value is \(value), the header's \(stated)")
        }
    }

    private func checkSums(_ sums: [UInt16]) throws(RecordingError) {
        var whole = sums
        for (number, group) in groups.enumerated() where group.framesPresent > frames {
            let rest = frames..<group.framesPresent
            if group.format == .differences8 {
                try addValues(ofGroup: number, rest, to: &whole)
            } else {
                for piece in pieces(of: group, frames: rest) {
                    add(try bytes(of: group, frames: piece), of: group, piece, to: &whole)
                }
            }
        }
        for (place, signal) in signals.enumerated() {
            guard let stated = signal.checksum, stated != sums[place], stated != whole[place] else {
                continue
            }
            throw damaged(
                signal,
                "the samples' sum is \(Int16(bitPattern: sums[place])), the header's \(Int16(bitPattern: stated))"
            )
        }
    }

    private func damaged(_ signal: WFDBHeader.Signal, _ what: String) -> RecordingError {
        RecordingError(
            .mismatch,
            path,
            line: signal.line,
            "\(signal.file), channel \(signal.name): \(what); fetch the record anew"
        )
    }

    /// Adds the samples in `bytes`, those of `piece`, to the sums of their signals; nothing for format 8.
    private func add(_ bytes: [UInt8], of group: Group, _ piece: Range<Int>, to sums: inout [UInt16]) {
        guard group.format != .differences8 else { return }
        guard group.format != .little16 || group.frameSamples != group.members.count else {
            addRows(bytes, first: group.members[0].signal, count: group.members.count, to: &sums)
            return
        }
        for member in group.members {
            sums[member.signal] = decode(member.signal, of: group, bytes, frames: piece).reduce(
                sums[member.signal]
            ) {
                $0 &+ UInt16(truncatingIfNeeded: $1)
            }
        }
    }

    /// The same for format 16 with one sample of each signal in a frame, which nearly all long recordings have.
    ///
    /// Sixteen frames are added at once, because the first line of a long recording waits for its sums. Like all of this
    /// program it runs on little-endian machines, whose memory has the samples as the file has them.
    private func addRows(_ bytes: [UInt8], first: Int, count: Int, to sums: inout [UInt16]) {
        let width = SIMD16<UInt16>.scalarCount
        var lanes = [SIMD16<UInt16>](repeating: .zero, count: count)
        let block = 2 * width * count
        let whole = bytes.count / block * block
        // Safe: the buffer lives as long as the closure, and every load ends within the `whole` first bytes of it.
        unsafe bytes.withUnsafeBytes { buffer in
            for at in stride(from: 0, to: whole, by: block) {
                for lane in 0..<count {
                    let values = unsafe buffer.loadUnaligned(
                        fromByteOffset: at + 2 * width * lane,
                        as: SIMD16<UInt16>.self
                    )
                    lanes[lane] &+= values
                }
            }
        }
        for sample in 0..<width * count {
            sums[first + sample % count] &+= lanes[sample / width][sample % width]
        }
        for sample in whole / 2..<bytes.count / 2 {
            sums[first + sample % count] &+= UInt16(bytes[2 * sample]) | UInt16(bytes[2 * sample + 1]) << 8
        }
    }

    private func addValues(
        ofGroup number: Int,
        _ range: Range<Int>,
        to sums: inout [UInt16]
    ) throws(RecordingError) {
        for piece in pieces(of: groups[number], frames: range) {
            for member in groups[number].members {
                let values = try storedValues(of: member.signal, inGroup: number, frames: piece)
                sums[member.signal] = values.reduce(sums[member.signal]) {
                    $0 &+ UInt16(truncatingIfNeeded: $1)
                }
            }
        }
    }
}
