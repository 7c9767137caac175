/// What a device says of itself and its electrodes, between the wire's fields and this program's values.

internal import ECGSignal
internal import WireMessages

extension Contact {
    /// The contact of a wire number; a number that this version does not know has been refused before.
    init(wire: Shinden_V1_Contact) {
        switch wire {
        case .on: self = .on
        case .poor: self = .poor
        case .off: self = .off
        case .unknown, .UNRECOGNIZED: self = .unknown
        }
    }

    /// The wire's number of this contact.
    var wire: Shinden_V1_Contact {
        switch self {
        case .unknown: .unknown
        case .on: .on
        case .poor: .poor
        case .off: .off
        }
    }
}

extension Acquisition {
    /// What the message says; 0 and the empty text mean that the device did not say.
    init(wire: Shinden_V1_Acquisition) {
        self.init()
        highPassHertz = wire.highPassHz == 0 ? nil : wire.highPassHz
        lowPassHertz = wire.lowPassHz == 0 ? nil : wire.lowPassHz
        notchHertz = wire.notchHz == 0 ? nil : wire.notchHz
        // Rails in the wrong order are no rails: nothing is known of them then.
        if wire.clipLow < wire.clipHigh { rails = wire.clipLow...wire.clipHigh }
        manufacturer = wire.manufacturer.isEmpty ? nil : wire.manufacturer
        model = wire.model.isEmpty ? nil : wire.model
        firmware = wire.firmware.isEmpty ? nil : wire.firmware
    }

    /// The message that says so.
    var wire: Shinden_V1_Acquisition {
        var message = Shinden_V1_Acquisition()
        message.highPassHz = highPassHertz ?? 0
        message.lowPassHz = lowPassHertz ?? 0
        message.notchHz = notchHertz ?? 0
        message.clipLow = rails?.lowerBound ?? 0
        message.clipHigh = rails?.upperBound ?? 0
        message.manufacturer = manufacturer ?? ""
        message.model = model ?? ""
        message.firmware = firmware ?? ""
        return message
    }
}
