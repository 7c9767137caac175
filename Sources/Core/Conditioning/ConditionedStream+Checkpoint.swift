public import ECGSignal

/// What a checkpoint of a stream holds, and how one that was read goes on.
///
/// It has where everything stands and what the filters hold, but no samples: those that other readers still need come again
/// from the log.
extension ConditionedStream {
    /// Leaves out all samples but those that are on their way from the gateway to the last filter.
    ///
    /// `leavesOutAll` leaves out those too; then the stream cannot go on by itself.
    public mutating func leaveOutSamples(leavesOutAll: Bool = false) {
        let ready = ready
        tracedTo = nil
        conditioner.leaveOutSamples(below: ready, leavesOutAll: leavesOutAll)
    }

    /// The rates at which leads are resampled, each once.
    public var ratesInUse: [SampleRate] { conditioner.ratesInUse }

    /// Gives a stream that was read the table of each rate; false where one does not fit.
    public mutating func attach(_ table: (SampleRate) -> PolyphaseTable?) -> Bool {
        conditioner.attach(table)
    }

    /// Goes on without asking for windows before the one from `start` on; rows from there on are kept for `reader`.
    public mutating func expect(windowAt start: GridIndex?, by reader: Reader) {
        window = start
        setPosition(start ?? 0, of: reader)
    }

    /// The start of the window that comes next, as far as it has been looked for.
    public var expectedWindow: GridIndex? { window }

    /// Has the samples of another stream that was given the same chunks.
    public mutating func takeSamples(of other: ConditionedStream) {
        conditioner.takeSamples(of: other.conditioner)
    }
}

extension StreamConditioner {
    mutating func leaveOutSamples(below ready: GridIndex, leavesOutAll: Bool) {
        for index in states.indices {
            let bound = leavesOutAll ? .max : states[index].fed
            states[index].store.removeAll(below: bound, slack: 0)
            states[index].conditioner?.leaveOutValues(below: ready, leavesOutAll: leavesOutAll)
        }
    }

    var ratesInUse: [SampleRate] {
        var rates: [SampleRate] = []
        for state in states {
            if let rate = state.conditioner?.rate, !rates.contains(rate) { rates.append(rate) }
        }
        return rates
    }

    mutating func attach(_ table: (SampleRate) -> PolyphaseTable?) -> Bool {
        for index in states.indices {
            guard let rate = states[index].conditioner?.rate else { continue }
            guard states[index].conditioner?.attach(table(rate)) ?? true else { return false }
        }
        return true
    }

    mutating func takeSamples(of other: StreamConditioner) {
        for state in other.states {
            guard let index = place(of: state.lead) else { continue }
            states[index].store = state.store
            if let from = state.conditioner { states[index].conditioner?.takeValues(of: from) }
        }
    }
}
