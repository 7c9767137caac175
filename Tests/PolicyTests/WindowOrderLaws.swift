import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Policy

/// The model's windows come at the encoder's pace, so a command may come before or after the windows whose rows had been
/// judged when it came.
@Suite struct WindowOrderLaws {
    private let stream = StreamIdentity(patient: "p", device: "d", epoch: 1)
    private let statement = "complete_right_bundle_branch_block"

    private func moment(_ sample: GridIndex) -> StreamMoment {
        StreamMoment(stream: stream, sample: sample, time: sample * 2_000_000)
    }

    private enum Command: CaseIterable {
        case discharge, accept, withdraw
    }

    private func perform(_ command: Command, _ policy: inout EventPolicy, _ events: inout [AlarmEvent]) {
        let arrival = Arrival(utc: 1, monotonic: 1)
        switch command {
        case .discharge: policy.discharge(by: "anna", at: arrival, into: &events)
        case .accept:
            _ = policy.accept(statement, asBaseline: true, by: "anna", at: arrival, into: &events)
        case .withdraw:
            _ = policy.accept(statement, asBaseline: false, by: "anna", at: arrival, into: &events)
        }
    }

    /// The windows' events, with the command after so many of the windows whose rows were judged.
    private func told(_ command: Command, afterWindow place: Int) -> [GridIndex] {
        var policy = EventPolicy()
        var events: [AlarmEvent] = []
        policy.pass(to: moment(0), into: &events)
        if command == .withdraw { perform(.accept, &policy, &events) }
        // The newest row is 6,399: the windows that end at 5,000 to 6,400 are whole.
        policy.pass(to: moment(6_399), into: &events)
        let ends = Array(stride(from: GridIndex(5_000), through: 6_400, by: 100))
        for index in 0...ends.count {
            if index == place { perform(command, &policy, &events) }
            guard index < ends.count else { break }
            // It is said of the newest five windows alone, or of all.
            let isSaid = command == .discharge || ends[index] >= 6_200
            let content = Observation.Content.window(isSaid ? [statement] : [])
            policy.take(Observation(content, at: moment(ends[index])), into: &events)
        }
        for end in stride(from: GridIndex(6_500), through: 7_500, by: 100) {
            policy.pass(to: moment(end - 1), into: &events)
            policy.take(Observation(.window([statement]), at: moment(end)), into: &events)
        }
        return events.filter { $0.phase == .timePoint }.map(\.at.sample)
    }

    @Test func `what the model informs of does not depend on when the windows before a command come`() {
        for command in Command.allCases {
            let first = told(command, afterWindow: 0)
            for place in 1...15 {
                #expect(told(command, afterWindow: place) == first, "\(command), \(place)")
            }
        }
        #expect(told(.discharge, afterWindow: 0) == [5_200, 6_500])
        #expect(told(.accept, afterWindow: 0) == [6_400])
        #expect(told(.withdraw, afterWindow: 0) == [6_500])
    }
}
