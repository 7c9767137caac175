private import ECGSignal
public import Wire
public import ZeroMQ

/// A reader's socket for waveforms: a SUB whose subscriptions say whom somebody looks at.
///
/// It belongs to one thread.
public struct WaveReader: ~Copyable {
    /// One message as it arrived.
    public struct Read: Sendable {
        /// The patient, from the topic.
        public let patient: String
        /// What the bytes say.
        public let message: WaveMessage
        /// The message's bytes as they arrived.
        public let bytes: [UInt8]
    }

    private let socket: Socket
    private var poller = Poller()
    private var prefixes: Set<String> = []

    /// Connects, and looks at nobody yet; `wakeUp` ends its waits.
    public init(_ endpoint: Endpoint, in context: Context, wakeUp: WakeUp) throws(ZeroMQError) {
        var options = SocketOptions()
        options.receiveHighWaterMark = 2_000
        options.sendHighWaterMark = 0
        options.maxMessageBytes = Int64(WaveFormat.bytesMax)
        let opened = try Socket(.sub, in: context, options: options)
        try opened.connect(endpoint)
        socket = opened
        _ = poller.add(wakeUp)
        _ = poller.add(socket)
    }

    /// Looks at what those prefixes of topics name, and at nothing else any more.
    public mutating func look(at wanted: Set<String>) throws(ZeroMQError) {
        for prefix in prefixes.subtracting(wanted) { try socket.unsubscribe(Array(prefix.utf8)) }
        for prefix in wanted.subtracting(prefixes) { try socket.subscribe(Array(prefix.utf8)) }
        prefixes = wanted
    }

    /// Waits until something has come, the wake-up was signalled, or the time is over.
    public mutating func wait(_ timeout: Duration) throws(ZeroMQError) {
        _ = try poller.wait(timeout: timeout)
    }

    /// The next message; nil where none is there.
    ///
    /// What is no waveform is passed over.
    public func next() throws(ZeroMQError) -> Read? {
        while true {
            switch try socket.receive(maximumParts: 2) {
            case .nothing: return nil
            case .tooManyParts: continue
            case .message(let parts):
                guard parts.count == 2, let patient = WaveReader.patient(ofTopic: parts[0]),
                    let message = WaveMessage(parts[1])
                else { continue }
                return Read(patient: patient, message: message, bytes: parts[1])
            }
        }
    }

    private static func patient(ofTopic topic: [UInt8]) -> String? {
        let words = topic.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard words.count == 5, words[4].isEmpty else { return nil }
        let patient = String(decoding: words[3], as: UTF8.self)
        return StreamIdentity.isValidID(patient) ? patient : nil
    }
}
