internal import Access
internal import ECGSignal
internal import Findings
internal import Logging
internal import Messaging
internal import Station
internal import Wire
internal import ZeroMQ

/// The thread that owns the socket of waveforms: it learns who looks at whom and sends what the workers copied.
struct WaveThread: Sendable {
    let endpoint: Endpoint
    let context: Context
    let queue: WaveQueue
    /// Who may look; nil where no keys are asked for.
    var access: AccessDesk?
    let state: DaemonState
    let log: Logger
    let opened: BoundedQueue<Result<[Endpoint], ZeroMQError>>

    /// How long it sleeps where nobody looks; a subscription or a block wakes it.
    private static let wait = Duration.seconds(10)
    /// Blocks sent between two looks at the subscriptions.
    private static let blocksATurn = 64

    /// Opens the socket and sends until the queue is closed and empty.
    func run() {
        var hasOpened = false
        do {
            var socket = try WaveSocket(
                endpoint,
                in: context,
                wakeUp: queue.wakeUp,
                fence: access?.waveFence,
                watching: state.peers.monitor(of: .waves)
            )
            _ = opened.push(.success([socket.endpoint]))
            hasOpened = true
            var numbers = Outbox()
            var cameAnew = 0
            setWards(of: &socket)
            while true {
                try socket.wait(WaveThread.wait)
                _ = queue.wakeUp.reset()
                let wanted = (access?.readersMustComeAnew ?? 0) + state.reopening.number
                if wanted != cameAnew {
                    try socket.reopen()
                    setWards(of: &socket)
                    cameAnew = wanted
                }
                if try socket.takeSubscriptions() { queue.tell(socket.subscriptions.wishes) }
                var hasMore = true
                while hasMore {
                    guard let blocks = queue.take(limit: WaveThread.blocksATurn) else { return }
                    for block in blocks { try send(block, by: socket, &numbers) }
                    hasMore = blocks.count == WaveThread.blocksATurn
                    if hasMore, try socket.takeSubscriptions() { queue.tell(socket.subscriptions.wishes) }
                }
            }
        } catch {
            queue.close()
            queue.tell(TraceWishes())
            if hasOpened {
                // Events go on: a daemon without pictures still watches.
                state.update { $0.waves = nil }
                log.error("waveforms cannot be shown any more: \(error); events go on")
            } else {
                _ = opened.push(.failure(error))
            }
        }
    }

    private func setWards(of socket: inout WaveSocket) {
        socket.set(wards: Set([AccessTable.noWard] + (access?.table.allWards ?? [])))
    }

    private func send(
        _ block: TraceBlock,
        by socket: borrowing WaveSocket,
        _ numbers: inout Outbox
    ) throws(ZeroMQError) {
        let patient = block.stream.patient
        let topic = Topic.wave(
            ward: access?.ward(of: patient) ?? AccessTable.noWard,
            band: block.band,
            patient: patient
        )
        let number = UInt32(truncatingIfNeeded: numbers.number(for: topic))
        try socket.publish(topic: topic, WaveFormat.bytes(of: block, number: number))
    }
}
