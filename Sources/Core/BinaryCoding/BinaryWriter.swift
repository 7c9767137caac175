/// Writes one value.
struct ValueEncoder: Encoder {
    let sink: Sink
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(MemberEncoder(sink: sink))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { ListEncoder(sink) }

    func singleValueContainer() -> any SingleValueEncodingContainer { SingleEncoder(sink: sink) }
}

/// Writes members one after the other.
private struct MemberEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let sink: Sink
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) throws { throw BinaryFault.unsupported }

    func encode(_ value: some Encodable, forKey key: Key) throws {
        let start = sink.begin(key)
        if !sink.writeAtOnce(value) { try value.encode(to: ValueEncoder(sink: sink)) }
        sink.end(start)
    }

    func encodeIfPresent(_ value: (some Encodable)?, forKey key: Key) throws {
        let start = sink.begin(key)
        sink.write(value != nil)
        try value?.encode(to: ValueEncoder(sink: sink))
        sink.end(start)
    }

    /// A case with its members: its name comes first.
    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        sink.note(key)
        sink.write(key.stringValue)
        return KeyedEncodingContainer(MemberEncoder<Nested>(sink: sink))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { ListEncoder(sink) }

    func superEncoder() -> any Encoder { ValueEncoder(sink: sink) }

    func superEncoder(forKey key: Key) -> any Encoder { ValueEncoder(sink: sink) }

    func encode(_ value: Bool, forKey key: Key) throws {
        sink.note(key)
        sink.write(value)
    }

    func encodeIfPresent(_ value: Bool?, forKey key: Key) throws {
        sink.note(key)
        sink.write(value != nil)
        if let value { sink.write(value) }
    }

    func encode(_ value: String, forKey key: Key) throws {
        sink.note(key)
        sink.write(value)
    }

    func encodeIfPresent(_ value: String?, forKey key: Key) throws {
        sink.note(key)
        sink.write(value != nil)
        if let value { sink.write(value) }
    }

    func encode(_ value: Double, forKey key: Key) throws {
        sink.note(key)
        sink.write(value)
    }

    func encodeIfPresent(_ value: Double?, forKey key: Key) throws {
        sink.note(key)
        sink.write(value != nil)
        if let value { sink.write(value) }
    }

    func encode(_ value: Float, forKey key: Key) throws {
        sink.note(key)
        sink.write(value)
    }

    func encodeIfPresent(_ value: Float?, forKey key: Key) throws {
        sink.note(key)
        sink.write(value != nil)
        if let value { sink.write(value) }
    }

    func encode(_ value: Int, forKey key: Key) throws {
        sink.note(key)
        sink.write(value)
    }

    func encodeIfPresent(_ value: Int?, forKey key: Key) throws {
        sink.note(key)
        sink.write(value != nil)
        if let value { sink.write(value) }
    }

    func encode(_ value: Int8, forKey key: Key) throws {
        sink.note(key)
        sink.write(value)
    }

    func encodeIfPresent(_ value: Int8?, forKey key: Key) throws {
        sink.note(key)
        sink.write(value != nil)
        if let value { sink.write(value) }
    }

    func encode(_ value: Int16, forKey key: Key) throws {
        sink.note(key)
        sink.write(value)
    }

    func encodeIfPresent(_ value: Int16?, forKey key: Key) throws {
        sink.note(key)
        sink.write(value != nil)
        if let value { sink.write(value) }
    }

    func encode(_ value: Int32, forKey key: Key) throws {
        sink.note(key)
        sink.write(value)
    }

    func encodeIfPresent(_ value: Int32?, forKey key: Key) throws {
        sink.note(key)
        sink.write(value != nil)
        if let value { sink.write(value) }
    }

    func encode(_ value: Int64, forKey key: Key) throws {
        sink.note(key)
        sink.write(value)
    }

    func encodeIfPresent(_ value: Int64?, forKey key: Key) throws {
        sink.note(key)
        sink.write(value != nil)
        if let value { sink.write(value) }
    }

    func encode(_ value: Int128, forKey key: Key) throws {
        sink.note(key)
        sink.write(value)
    }

    func encodeIfPresent(_ value: Int128?, forKey key: Key) throws {
        sink.note(key)
        sink.write(value != nil)
        if let value { sink.write(value) }
    }

    func encode(_ value: UInt, forKey key: Key) throws {
        sink.note(key)
        sink.write(value)
    }

    func encodeIfPresent(_ value: UInt?, forKey key: Key) throws {
        sink.note(key)
        sink.write(value != nil)
        if let value { sink.write(value) }
    }

    func encode(_ value: UInt8, forKey key: Key) throws {
        sink.note(key)
        sink.write(value)
    }

    func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws {
        sink.note(key)
        sink.write(value != nil)
        if let value { sink.write(value) }
    }

    func encode(_ value: UInt16, forKey key: Key) throws {
        sink.note(key)
        sink.write(value)
    }

    func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws {
        sink.note(key)
        sink.write(value != nil)
        if let value { sink.write(value) }
    }

    func encode(_ value: UInt32, forKey key: Key) throws {
        sink.note(key)
        sink.write(value)
    }

    func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws {
        sink.note(key)
        sink.write(value != nil)
        if let value { sink.write(value) }
    }

    func encode(_ value: UInt64, forKey key: Key) throws {
        sink.note(key)
        sink.write(value)
    }

    func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws {
        sink.note(key)
        sink.write(value != nil)
        if let value { sink.write(value) }
    }

    func encode(_ value: UInt128, forKey key: Key) throws {
        sink.note(key)
        sink.write(value)
    }

    func encodeIfPresent(_ value: UInt128?, forKey key: Key) throws {
        sink.note(key)
        sink.write(value != nil)
        if let value { sink.write(value) }
    }
}

/// Writes a list: its count, which is known at its end, stands before it in two bytes.
private struct ListEncoder: UnkeyedEncodingContainer {
    private static let countMax = 65_535
    private let sink: Sink
    private let place: Int
    private(set) var count = 0
    var codingPath: [any CodingKey] { [] }

    init(_ sink: Sink) {
        self.sink = sink
        place = sink.bytes.count
        sink.bytes.append(0)
        sink.bytes.append(0)
    }

    private mutating func begin() throws {
        guard count < ListEncoder.countMax else { throw BinaryFault.unsupported }
        count += 1
        sink.bytes[place] = UInt8(truncatingIfNeeded: count)
        sink.bytes[place + 1] = UInt8(truncatingIfNeeded: count >> 8)
    }

    mutating func encodeNil() throws { throw BinaryFault.unsupported }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
        try begin()
        if !sink.writeAtOnce(value) { try value.encode(to: ValueEncoder(sink: sink)) }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        preconditionFailure("a list that names its members")
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        preconditionFailure("a list of lists that is no value")
    }

    mutating func superEncoder() -> any Encoder { ValueEncoder(sink: sink) }

    mutating func encode(_ value: Bool) throws {
        try begin()
        sink.write(value)
    }

    mutating func encode(_ value: String) throws {
        try begin()
        sink.write(value)
    }

    mutating func encode(_ value: Double) throws {
        try begin()
        sink.write(value)
    }

    mutating func encode(_ value: Float) throws {
        try begin()
        sink.write(value)
    }

    mutating func encode(_ value: Int) throws {
        try begin()
        sink.write(value)
    }

    mutating func encode(_ value: Int8) throws {
        try begin()
        sink.write(value)
    }

    mutating func encode(_ value: Int16) throws {
        try begin()
        sink.write(value)
    }

    mutating func encode(_ value: Int32) throws {
        try begin()
        sink.write(value)
    }

    mutating func encode(_ value: Int64) throws {
        try begin()
        sink.write(value)
    }

    mutating func encode(_ value: Int128) throws {
        try begin()
        sink.write(value)
    }

    mutating func encode(_ value: UInt) throws {
        try begin()
        sink.write(value)
    }

    mutating func encode(_ value: UInt8) throws {
        try begin()
        sink.write(value)
    }

    mutating func encode(_ value: UInt16) throws {
        try begin()
        sink.write(value)
    }

    mutating func encode(_ value: UInt32) throws {
        try begin()
        sink.write(value)
    }

    mutating func encode(_ value: UInt64) throws {
        try begin()
        sink.write(value)
    }

    mutating func encode(_ value: UInt128) throws {
        try begin()
        sink.write(value)
    }
}

/// Writes a value that is one number, truth or text.
private struct SingleEncoder: SingleValueEncodingContainer {
    let sink: Sink
    var codingPath: [any CodingKey] { [] }

    func encodeNil() throws { throw BinaryFault.unsupported }

    func encode(_ value: some Encodable) throws { try value.encode(to: ValueEncoder(sink: sink)) }

    func encode(_ value: Bool) throws { sink.write(value) }

    func encode(_ value: String) throws { sink.write(value) }

    func encode(_ value: Double) throws { sink.write(value) }

    func encode(_ value: Float) throws { sink.write(value) }

    func encode(_ value: Int) throws { sink.write(value) }

    func encode(_ value: Int8) throws { sink.write(value) }

    func encode(_ value: Int16) throws { sink.write(value) }

    func encode(_ value: Int32) throws { sink.write(value) }

    func encode(_ value: Int64) throws { sink.write(value) }

    func encode(_ value: Int128) throws { sink.write(value) }

    func encode(_ value: UInt) throws { sink.write(value) }

    func encode(_ value: UInt8) throws { sink.write(value) }

    func encode(_ value: UInt16) throws { sink.write(value) }

    func encode(_ value: UInt32) throws { sink.write(value) }

    func encode(_ value: UInt64) throws { sink.write(value) }

    func encode(_ value: UInt128) throws { sink.write(value) }
}
