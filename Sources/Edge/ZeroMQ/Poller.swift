private import CZeroMQ
private import Glibc

/// What a socket or descriptor is ready for, or is waited for.
public struct Readiness: OptionSet, Sendable {
    /// The bits as libzmq defines them.
    public let rawValue: Int16
    /// Takes libzmq's bits.
    public init(rawValue: Int16) { self.rawValue = rawValue }
    /// A message, or a byte, can be read without waiting.
    public static let readable = Self(rawValue: Int16(ZMQ_POLLIN))
    /// A message, or a byte, can be written without waiting.
    public static let writable = Self(rawValue: Int16(ZMQ_POLLOUT))
    /// A file descriptor is broken; this is only ever an answer, never something to wait for.
    public static let broken = Self(rawValue: Int16(ZMQ_POLLERR))
}

/// Waits for the first of several sockets, file descriptors and wake-ups.
///
/// Invariant: `items`, `sockets` and `wakeUps` have one element an entry; a closed socket's or removed entry's
/// item watches nothing.
@safe public struct Poller: ~Copyable {
    /// One thing that is waited for; an entry belongs to the poller that gave it.
    public struct Entry: Hashable, Sendable {
        fileprivate let index: Int
    }

    private var items = unsafe [zmq_pollitem_t]()
    private var sockets: [SocketCore?] = []
    private var wakeUps: [WakeUp?] = []

    /// Makes a poller without entries.
    public init() {}

    /// Watches a socket of this thread; once the socket is dropped, the entry is never ready again.
    public mutating func add(_ socket: borrowing Socket, for interest: Readiness = .readable) -> Entry {
        let core = socket.core
        // Safe: the handle is looked at by `wait` only, which leaves it out once the socket is closed.
        let item = unsafe zmq_pollitem_t(
            socket: core.handle.raw,
            fd: -1,
            events: interest.rawValue,
            revents: 0
        )
        return unsafe add(item, socket: core, wakeUp: nil)
    }

    /// Watches a file descriptor that the caller owns and removes before closing it.
    public mutating func add(fileDescriptor: Int32, for interest: Readiness = .readable) -> Entry {
        // Safe: the item holds no pointer.
        let item = unsafe zmq_pollitem_t(
            socket: nil,
            fd: fileDescriptor,
            events: interest.rawValue,
            revents: 0
        )
        return unsafe add(item, socket: nil, wakeUp: nil)
    }

    /// Watches a wake-up and keeps it alive.
    public mutating func add(_ wakeUp: WakeUp) -> Entry {
        // Safe: the item holds no pointer, and the descriptor lives as long as the wake-up, which is kept here.
        let item = unsafe zmq_pollitem_t(
            socket: nil,
            fd: wakeUp.fileDescriptor,
            events: Readiness.readable.rawValue,
            revents: 0
        )
        return unsafe add(item, socket: nil, wakeUp: wakeUp)
    }

    /// Changes what an entry is watched for; an empty interest pauses it.
    public mutating func set(_ entry: Entry, for interest: Readiness) {
        unsafe items[entry.index].events = interest.rawValue
    }

    /// Watches that entry no more.
    public mutating func remove(_ entry: Entry) { forget(entry.index) }

    /// Waits until an entry is ready, the time is over, or a signal arrives; nil waits without a limit.
    ///
    /// Without any entry it returns at once.
    /// - Returns: How many entries are ready; 0 after the time or a signal.
    @discardableResult
    public mutating func wait(timeout: Duration?) throws(ZeroMQError) -> Int {
        for index in sockets.indices where sockets[index]?.isOpen == false { forget(index) }
        guard unsafe !items.isEmpty else { return 0 }
        let milliseconds = timeout.map { Int($0.wholeMilliseconds) } ?? -1
        // Safe: every handle in `items` is open, the line above saw to it; libzmq keeps to `items.count` items.
        let count = unsafe zmq_poll(&items, Int32(items.count), milliseconds)
        if count >= 0 { return Int(count) }
        let failure = ZeroMQError.last("zmq_poll")
        for index in unsafe items.indices { unsafe items[index].revents = 0 }
        if failure.reason == .interrupted { return 0 }
        throw failure
    }

    /// What the last `wait` found an entry ready for.
    public func readiness(of entry: Entry) -> Readiness {
        unsafe Readiness(rawValue: items[entry.index].revents)
    }

    @unsafe private mutating func add(_ item: zmq_pollitem_t, socket: SocketCore?, wakeUp: WakeUp?) -> Entry {
        unsafe items.append(item)
        sockets.append(socket)
        wakeUps.append(wakeUp)
        return Entry(index: sockets.count - 1)
    }

    private mutating func forget(_ index: Int) {
        // Safe: the item holds neither a handle nor a descriptor, and poll(2) passes over negative descriptors.
        unsafe items[index] = zmq_pollitem_t(socket: nil, fd: -1, events: 0, revents: 0)
        sockets[index] = nil
        wakeUps[index] = nil
    }
}
