private import Wire

/// The bytes of segments: where one ends and the next begins, and the checks of their records.
enum SegmentBytes {
    private static let magic = Array("shinden framelog".utf8)

    /// The input cut before each of the format's first words, into three segments at most.
    static func split(_ input: ArraySlice<UInt8>) -> [[UInt8]] {
        var starts = [input.startIndex]
        var place = input.startIndex + 1
        while place + magic.count <= input.endIndex, starts.count < 3 {
            if input[place...].starts(with: magic) {
                starts.append(place)
                place += magic.count
            } else {
                place += 1
            }
        }
        return starts.indices.map { number in
            Array(input[starts[number]..<(number + 1 < starts.count ? starts[number + 1] : input.endIndex)])
        }
    }

    /// A header that the reader takes.
    private static let header = Array(
        """
        {"bank":"b","catalogue":"c","first_entry":1,"hop":512,"horizon_seconds":2,"limits":{"idle_seconds":60,\
        "ingest_speed_max":null,"streams_max":9},"model":"a","model_name":"m","monotonic_ns":"0","node":"n","program":"p",\
        "run":"00000000000000ab","segment":1,"utc_ns":"0"}
        """.utf8
    )

    /// A segment of records with these bodies.
    static func made(of input: ArraySlice<UInt8>) -> [UInt8] {
        var bytes = magic + [1, 0, 0, 0]
        append([UInt8](repeating: 0, count: 17) + header, to: &bytes)
        var rest = input
        while let length = rest.popFirst() {
            append(Array(rest.prefix(Int(length))), to: &bytes)
            rest = rest.dropFirst(Int(length))
        }
        return withRightChecks(bytes)
    }

    private static func append(_ body: [UInt8], to bytes: inout [UInt8]) {
        for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: body.count >> shift)) }
        bytes += [UInt8](repeating: 0, count: 8) + body
    }

    /// The segment with the checks of each record that is whole as they should be.
    static func withRightChecks(_ segment: [UInt8]) -> [UInt8] {
        var bytes = segment
        var place = magic.count + 4
        while place + 12 <= bytes.count {
            let length = Array(bytes[place..<place + 4])
            let end = length.reversed().reduce(0) { $0 << 8 | Int($1) } + place + 12
            put(Checksum.crc32c.value(of: length), into: &bytes, at: place + 4)
            guard end <= bytes.count else { break }
            put(Checksum.crc32c.value(of: Array(bytes[place + 12..<end])), into: &bytes, at: place + 8)
            place = end
        }
        return bytes
    }

    private static func put(_ check: UInt32, into bytes: inout [UInt8], at place: Int) {
        for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: check >> (index * 8)) }
    }
}
