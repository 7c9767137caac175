public import ECGSignal

/// Lets events out in their order, each as soon as it is known whether the journal keeps it.
///
/// A disk never holds monitoring up. The first event that waits for longer than `patience` goes out as not durable, and from
/// then on none waits, until the journal answers in time again. What the journal writes late is in it all the same: a reader
/// that asks for history finds it there, under the same id.
///
/// Invariant: elements leave in the order in which they were put in.
public struct DurableGate<Element> {
    /// What became of an element.
    public enum Fate: Sendable, Equatable {
        /// The journal keeps it, under this number.
        case durable(sequence: Int64)
        /// The journal does not keep it, or has not said so in time.
        case notDurable
    }

    /// A change that people have to know of.
    public enum Notice: Sendable, Equatable {
        /// Events are not durable from here on, for this reason.
        case failed(String)
        /// Events are durable again.
        case recovered
    }

    /// How long an event waits for the journal at most, and that once: half a second.
    ///
    /// A sync of a busy disk takes some 10 ms; a technical event has to be out within a second of a fault.
    public static var patience: MonotonicNanoseconds { 500_000_000 }

    private struct Waiting {
        let element: Element
        /// The parcel that it went to the journal with; nil where it did not.
        let ticket: Int?
        /// Its place in that parcel.
        let offset: Int64
        let since: MonotonicNanoseconds
    }

    private var waiting: [Waiting] = []
    private var head = 0
    /// What became of parcels that elements still wait for: the number of the first of each, nil where it is not kept.
    private var settled: [Int: Int64?] = [:]
    /// When the parcels that the journal has not settled were handed over, in their order.
    private var underWay: [(ticket: Int, since: MonotonicNanoseconds)] = []
    private var notices: [Notice] = []
    /// Whether events wait for the journal: it has answered in time.
    public private(set) var isTrusted = true

    /// An open gate without elements.
    public init() {}

    /// Elements that wait.
    public var count: Int { waiting.count - head }

    /// Takes an element; `ticket` is the parcel that it went to the journal with, and `offset` its place there.
    public mutating func put(
        _ element: Element,
        ticket: Int?,
        offset: Int = 0,
        at now: MonotonicNanoseconds
    ) {
        waiting.append(Waiting(element: element, ticket: ticket, offset: Int64(offset), since: now))
        if let ticket, underWay.last.map({ $0.ticket < ticket }) ?? true { underWay.append((ticket, now)) }
    }

    /// The journal has settled a parcel: the number of its first event, or why it is not kept.
    public mutating func settle(
        _ ticket: Int,
        _ result: Result<Int64, JournalRefusal>,
        at now: MonotonicNanoseconds
    ) {
        let since = underWay.first { $0.ticket == ticket }?.since
        underWay.removeAll { $0.ticket <= ticket }
        let first = try? result.get()
        if waiting[head...].contains(where: { $0.ticket == ticket }) {
            settled.updateValue(first, forKey: ticket)
        }
        switch result {
        case .failure(let refusal): distrust(refusal.reason)
        case .success: if let since, now - since < DurableGate.patience { trust() }
        }
    }

    /// The journal can be written again, and has written what it had kept for that.
    public mutating func recover(at now: MonotonicNanoseconds) {
        if underWay.first.map({ now - $0.since < DurableGate.patience }) ?? true { trust() }
    }

    /// The next element that may go out, and whether it is durable; nil where the first has to wait.
    public mutating func next(at now: MonotonicNanoseconds) -> (element: Element, fate: Fate)? {
        guard head < waiting.count else { return nil }
        let first = waiting[head]
        var fate = Fate.notDurable
        if let ticket = first.ticket {
            if let result = settled[ticket] {
                if let sequence = result { fate = .durable(sequence: sequence + first.offset) }
            } else if isTrusted {
                guard now - first.since >= DurableGate.patience else { return nil }
                distrust("the disk has not taken an event for half a second")
            }
        }
        head += 1
        // Between the elements of a parcel there may be some that the journal does not keep.
        if let ticket = first.ticket, waiting[head...].lazy.compactMap(\.ticket).first != ticket {
            settled[ticket] = nil
        }
        if head == waiting.count || head >= 1_024 {
            waiting.removeFirst(head)
            head = 0
        }
        return (first.element, fate)
    }

    /// Nanoseconds until the first element goes out whatever the journal does; nil where none waits.
    public func wait(at now: MonotonicNanoseconds) -> MonotonicNanoseconds? {
        guard head < waiting.count else { return nil }
        return max(0, waiting[head].since + DurableGate.patience - now)
    }

    /// What people have to know since the last call, in its order.
    public mutating func takeNotices() -> [Notice] {
        defer { notices = [] }
        return notices
    }

    private mutating func distrust(_ reason: String) {
        guard isTrusted else { return }
        isTrusted = false
        notices.append(.failed(reason))
    }

    private mutating func trust() {
        guard !isTrusted else { return }
        isTrusted = true
        notices.append(.recovered)
    }
}

/// Why the journal does not keep an event.
public struct JournalRefusal: Error, Sendable, Equatable {
    /// What is wrong and where, for people.
    public let reason: String

    /// A refusal for that reason.
    public init(_ reason: String) { self.reason = reason }
}
