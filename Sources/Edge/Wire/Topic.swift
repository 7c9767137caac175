/// Topics: what the transport filters by. A topic routes, the message's body rules; every topic ends in a dot, so
/// that `p1` is no prefix of `p10`.

private import ECGSignal
public import Findings

/// The topic of a data message: `ecg1.PP.PATIENT.DEVICE.`, PP the patient's partition as two hex digits.
public struct Topic: Sendable, Equatable {
    /// The patient's id, 1 to 64 letters, digits, `-` and `_`.
    public let patient: String
    /// The device's id, of the same form.
    public let device: String

    /// The most bytes a topic has: `ecg1.`, `pp.` and two ids of 64 with their dots.
    public static let byteCountMax = 138

    /// The topic of that patient and device; nil where one of them is no id.
    public init?(patient: String, device: String) {
        guard StreamIdentity.isValidID(patient), StreamIdentity.isValidID(device) else { return nil }
        self.patient = patient
        self.device = device
    }

    /// Reads a topic frame; nil unless it has exactly the one form.
    public init?(bytes: [UInt8]) {
        let dot = UInt8(ascii: ".")
        let partition = Topic.allData.utf8.count
        let patient = partition + 3
        guard bytes.count > patient, bytes.count <= Topic.byteCountMax,
            bytes.starts(with: Topic.allData.utf8), bytes[patient - 1] == dot,
            let patientEnd = bytes[patient...].firstIndex(of: dot),
            let deviceEnd = bytes[(patientEnd + 1)...].firstIndex(of: dot), deviceEnd == bytes.count - 1,
            let topic = Topic(
                patient: String(decoding: bytes[patient..<patientEnd], as: UTF8.self),
                device: String(decoding: bytes[(patientEnd + 1)..<deviceEnd], as: UTF8.self)
            ),
            bytes[partition..<patient - 1].elementsEqual(topic.partition.utf8)
        else { return nil }
        self = topic
    }

    /// What keeps a frame from being a topic, in words that hold nothing of its ids; nil where it is one.
    ///
    /// A topic whose partition alone is wrong names its sender, so that the right gateway learns of it.
    static func fault(in bytes: [UInt8]) -> (words: String, sender: Sender?)? {
        guard Topic(bytes: bytes) == nil else { return nil }
        guard bytes.count <= byteCountMax else {
            return (
                "the first frame has \(bytes.count) bytes; a topic, \(form), at most \(byteCountMax)", nil
            )
        }
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 5, parts[4].isEmpty, parts[0].elementsEqual("ecg1".utf8) else {
            return ("the first frame has not the form \(form), with its last dot", nil)
        }
        let (patient, device) = (
            String(decoding: parts[2], as: UTF8.self), String(decoding: parts[3], as: UTF8.self)
        )
        guard let meant = Topic(patient: patient, device: device) else {
            let which = StreamIdentity.isValidID(patient) ? "device" : "patient"
            return ("the \(which) in the topic is no id: 1 to 64 letters, digits, - and _", nil)
        }
        let isHex = parts[1].count <= 8 && parts[1].allSatisfy { (0x21...0x7E).contains($0) }
        let given = isHex ? String(decoding: parts[1], as: UTF8.self) : "something else"
        return (
            "PP in the topic is \(given) where this patient's is \(meant.partition): the top byte of the id's CRC-32",
            Sender(patient: patient, device: device)
        )
    }

    /// The patient's partition, two lower-case hex digits: the top byte of the id's CRC-32.
    public var partition: String {
        let byte = Checksum.crc32.value(of: patient) >> 24
        return (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    /// The text of the topic, `ecg1.PP.PATIENT.DEVICE.`.
    public var text: String { "\(Topic.allData)\(partition).\(patient).\(device)." }

    /// The prefix that a daemon of all partitions subscribes to.
    public static let allData = "ecg1."

    /// The form of a topic in words that errors use.
    public static let form = "\(allData)PP.PATIENT.DEVICE."

    /// The prefix of every event, of any ward and kind.
    public static let allEvents = "ev1."

    /// The prefix of every waveform, of any ward, band and patient.
    public static let allWaves = "wv1."

    /// The topic of a patient's waveforms: `wv1.WARD.m.PATIENT.` in the monitor's band, `d` for the diagnostic one.
    public static func wave(ward: String = "_", band: TraceBlock.Band, patient: String) -> String {
        allWaves(ward: ward, in: band) + "\(patient)."
    }

    /// What a reader of one band subscribes to, for every patient of a ward.
    public static func allWaves(ward: String = "_", in band: TraceBlock.Band) -> String {
        "\(allWaves(ward: ward))\(band == .monitor ? "m" : "d")."
    }

    /// The prefix of the waveforms of a ward, of any band and patient.
    public static func allWaves(ward: String) -> String { "\(allWaves)\(ward)." }

    /// The ward in the topic of an event or a waveform; nil where it has not that form.
    public static func ward(of topic: some StringProtocol) -> String? { words(of: topic)?[1] }

    /// The kind in the topic of an event; nil where it has not that form.
    public static func kind(of topic: some StringProtocol) -> EventKind? {
        words(of: topic).flatMap { EventKind(rawValue: $0[2]) }
    }

    private static func words(of topic: some StringProtocol) -> [String]? {
        let words = topic.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
        guard words.count == 5, words[0] == "ev1" || words[0] == "wv1", words[4].isEmpty else { return nil }
        return words
    }

    /// The topic of an event: `ev1.WARD.KIND.PATIENT.`, `_` where there is no ward or patient.
    public static func event(ward: String = "_", kind: EventKind, patient: String = "_") -> String {
        allEvents(ward: ward, of: kind) + "\(patient)."
    }

    /// What a reader of one kind of event subscribes to, for every patient of a ward.
    public static func allEvents(ward: String = "_", of kind: EventKind) -> String {
        "\(allEvents)\(ward).\(kind.rawValue)."
    }
}
