private import ECGSignal
private import Findings
private import Wire

/// Chunks whose values are the bytes of an input.
enum MadeChunk {
    /// The frames of the chunk that `bytes` say; nil where the encoder refuses it.
    static func frames(of bytes: ArraySlice<UInt8>) -> [[UInt8]]? {
        var values = Values(bytes: bytes)
        let encoding = SampleEncoding.allCases[values.next(SampleEncoding.allCases.count)]
        let count = values.next(40) + 1
        let rates = [100, 125, 250, 360, 500, 1_000, 2_000]
        guard let rate = SampleRate(Int64(rates[values.next(rates.count)]), over: 1) else { return nil }
        var device = DeviceFacts()
        if values.next(2) == 1 { device.batteryPercent = values.next(110) }
        if values.next(2) == 1 { device.acquisition = acquisition(&values) }
        let chunk = OutgoingChunk(
            stream: StreamIdentity(
                patient: "p\(values.next(3))",
                device: "d",
                epoch: UInt64(values.next(256))
            ),
            sequence: UInt64(values.next(256)),
            track: values.next(9),
            firstSample: Int64(values.next(256)) << Int64(values.next(44)),
            rate: rate,
            nanovoltsPerUnit: [1, 1_000, 2.44, 0.001, 1e6, 1e7, .nan, 0][values.next(8)],
            encoding: encoding,
            leads: (0..<values.next(18)).map { _ in lead(&values, encoding, count) },
            gatewayTime: Int64(values.next(256)),
            device: device,
            isLast: values.next(2) == 1
        )
        return try? ChunkEncoder.frames(chunk, withChecksum: values.next(2) == 1)
    }

    private static func acquisition(_ values: inout Values) -> Acquisition {
        var acquisition = Acquisition()
        acquisition.highPassHertz = Float(values.next(256)) / 16
        acquisition.notchHertz = [nil, 0, 50, .nan, -0.0][values.next(5)]
        acquisition.rails = Int32(-values.next(256))...Int32(values.next(256))
        acquisition.manufacturer = String(repeating: "µ", count: values.next(36))
        return acquisition
    }

    private static func lead(_ values: inout Values, _ encoding: SampleEncoding, _ count: Int) -> OutgoingLead
    {
        let lead = Lead.allCases[values.next(Lead.allCases.count)]
        let start = values.next(count)
        let range = start..<min(count, start + values.next(count + 1))
        let contacts = Contact.allCases
        return OutgoingLead(
            lead: lead,
            isDerived: values.next(2) == 1,
            samples: encoding == .float32
                ? .reals((0..<count).map { _ in values.real() })
                : .integers((0..<count).map { _ in values.integer() }),
            invalid: range.isEmpty ? [] : [range],
            facts: LeadFacts(
                contact: contacts[values.next(contacts.count)],
                saturated: values.next(2) == 1 ? [0..<1 + values.next(count)] : [],
                pacerSpikes: (0..<values.next(4)).map { $0 * (1 + values.next(20)) }
            )
        )
    }
}

/// Values one after another; 0 where the bytes are over.
private struct Values {
    var bytes: ArraySlice<UInt8>

    /// A number from 0 to below `limit`, which is at most 256.
    mutating func next(_ limit: Int) -> Int { Int(bytes.popFirst() ?? 0) % limit }

    /// Mostly a small number, as samples are.
    mutating func integer() -> Int32 {
        let byte = next(256)
        guard byte >= 250 else { return Int32(byte) - 125 }
        return [.max, .min, 32_767, -32_768, 1 << 24, 10_000_000][byte - 250]
    }

    /// Mostly a small number, among them some that are none.
    mutating func real() -> Float {
        let byte = next(256)
        guard byte >= 250 else { return Float(byte) / 7 - 17 }
        return [.nan, .infinity, -.infinity, 1e10, -0.0, .leastNonzeroMagnitude][byte - 250]
    }
}
