internal import ECGSignal
internal import Wire

/// What was acknowledged, as the header of a segment has it.
extension LoggedReceipts {
    /// `{"generation","journal","streams":[{"stream","through","ahead":["FIRST-LAST"]}]}`, the stream that was heard of
    /// last at the end.
    var json: JSONValue {
        let list = streams.map { stream, numbers in
            JSONValue.object([
                "ahead": .array(numbers.ahead.map { .string("\($0.lowerBound)-\($0.upperBound)") }),
                "stream": .string(stream.name), "through": .string("\(numbers.through)"),
            ])
        }
        return .object([
            "generation": .integer(Int64(generation)), "journal": .string(hexadecimal16(journal)),
            "streams": .array(list),
        ])
    }

    /// Reads it; nil where a member is missing or is not what it should be.
    init?(json: JSONValue) {
        guard let object = json.object, let generation = object["generation"]?.whole, generation > 0,
            let journal = object["journal"]?.text.flatMap({ UInt64($0, radix: 16) }), journal != 0,
            let list = object["streams"]?.array
        else { return nil }
        var streams: [(stream: StreamIdentity, numbers: ReceivedNumbers)] = []
        for value in list {
            guard let row = value.object,
                let stream = row["stream"]?.text.flatMap(StreamIdentity.init(name:)),
                let through = row["through"]?.text.flatMap(UInt64.init),
                let texts = row["ahead"]?.array?.map(\.text)
            else { return nil }
            var ahead: [ClosedRange<UInt64>] = []
            for text in texts {
                let ends = (text ?? "").split(separator: "-").compactMap { UInt64($0) }
                guard ends.count == 2, ends[0] > 0, ends[0] <= ends[1] else { return nil }
                ahead.append(ends[0]...ends[1])
            }
            streams.append((stream, ReceivedNumbers(through: through, ahead: ahead)))
        }
        self.init(journal: journal, generation: Int(clamping: generation), streams: streams)
    }
}

extension StreamIdentity {
    /// Reads `patient.device.epoch`; nil where it is none.
    fileprivate init?(name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, StreamIdentity.isValidID(parts[0]), StreamIdentity.isValidID(parts[1]),
            parts[2].utf8.count == 16, let epoch = UInt64(parts[2], radix: 16), epoch != 0
        else { return nil }
        self.init(patient: parts[0], device: parts[1], epoch: epoch)
    }
}
