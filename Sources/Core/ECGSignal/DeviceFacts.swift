/// What a device or its gateway says of the signal beside the samples: values that travel with the chunk.

/// How well an electrode touches the skin, as the device measures it; the worst state within a chunk.
public enum Contact: String, Sendable, CaseIterable, Codable {
    /// The device cannot tell, or did not say.
    case unknown
    /// The electrode is on.
    case on
    /// The electrode is on, but its impedance is high.
    case poor
    /// The electrode is off: none of the chunk's samples of this lead means anything.
    case off
}

/// What is known of one lead within one chunk; every position is an offset in samples from the chunk's first one.
public struct LeadFacts: Sendable, Equatable {
    /// The worst contact within the chunk.
    public var contact: Contact
    /// Stretches in which the converter stood at its rail: ascending, apart, inside the chunk.
    public var saturated: [Range<Int>]
    /// Where the device detected pacemaker spikes: strictly ascending, inside the chunk.
    public var pacerSpikes: [Int]

    /// The facts; without arguments, nothing is known.
    public init(contact: Contact = .unknown, saturated: [Range<Int>] = [], pacerSpikes: [Int] = []) {
        self.contact = contact
        self.saturated = saturated
        self.pacerSpikes = pacerSpikes
    }
}

/// What the device did to the signal before it sent it; nil where it did not say.
public struct Acquisition: Sendable, Equatable {
    /// The -3 dB point of the high-pass filter, hertz.
    public var highPassHertz: Float?
    /// The -3 dB point of the low-pass filter, hertz.
    public var lowPassHertz: Float?
    /// The frequency that a notch filter takes out, hertz.
    public var notchHertz: Float?
    /// The lowest and highest value that the converter can give, in units of the encoded value.
    public var rails: ClosedRange<Int32>?
    /// At most 64 bytes.
    public var manufacturer: String?
    /// At most 64 bytes.
    public var model: String?
    /// At most 64 bytes.
    public var firmware: String?

    /// Nothing is known.
    public init() {}
}

/// What a chunk says of its device.
public struct DeviceFacts: Sendable, Equatable {
    /// What the device did to the signal; nil where the chunk does not repeat it.
    public var acquisition: Acquisition?
    /// What is left of the battery, 0 to 100 percent; nil where the chunk does not say.
    public var batteryPercent: Int?

    /// The facts; without arguments, nothing is known.
    public init(acquisition: Acquisition? = nil, batteryPercent: Int? = nil) {
        self.acquisition = acquisition
        self.batteryPercent = batteryPercent
    }
}
