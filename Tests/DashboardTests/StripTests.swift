import ECGSignal
import Findings
import TestSupport
import Testing
import Wire

@testable import Dashboard

/// The waveforms around alarms: what came before is there when an alarm begins, and no more is kept than said.
@Suite struct StripTests {
    private static let run = "run-1"

    private func board() -> Board { Board(sources: [("tcp://127.0.0.1:1", "tcp://127.0.0.1:101")]) }

    private func stream(_ patient: String, _ epoch: UInt64) -> StreamIdentity {
        StreamIdentity(patient: patient, device: "d", epoch: epoch)
    }

    private func take(
        wave start: GridIndex,
        of patient: String = "p",
        epoch: UInt64 = 1,
        into board: inout Board
    )
        throws
    {
        let block = TraceBlock(
            stream: stream(patient, epoch),
            band: .monitor,
            start: start,
            time: 0,
            leads: LeadSet([.ii]),
            derived: [],
            isPatch: false,
            values: Array(repeating: 0, count: 50)
        )
        let message = try #require(WaveMessage(WaveFormat.bytes(of: block, number: 1)))
        board.take(wave: message, of: patient, text: "\(start)", from: 0, at: 0)
    }

    private func take(
        alarm: String,
        at sample: GridIndex,
        phase: String = "start",
        of patient: String = "p",
        epoch: UInt64 = 1,
        into board: inout Board
    ) {
        board.take(
            event: [
                "type": .string("shinden.alarm.v1"), "time": .string("2026-01-02T03:04:05.678Z"),
                "data": .object([
                    "patient": .string(patient), "device": .string("d"),
                    "stream": .string(stream(patient, epoch).name), "alarm_id": .string(alarm),
                    "statement": .string(alarm), "priority": .string("high"), "state": .string("active"),
                    "phase": .string(phase), "sample": .integer(sample),
                    "onset": .object([
                        "sample": .integer(sample - 2_000), "stream": .string(stream(patient, epoch).name),
                    ]),
                ]),
            ],
            missed: 0,
            run: Self.run,
            from: 0,
            at: 0
        )
    }

    private func open(_ patient: String = "p", epoch: UInt64 = 1, in board: inout Board) {
        board.take(
            event: [
                "type": .string("shinden.tech.v1"),
                "data": .object([
                    "patient": .string(patient), "device": .string("d"),
                    "stream": .string(stream(patient, epoch).name), "code": .string("stream_opened"),
                ]),
            ],
            missed: 0,
            run: Self.run,
            from: 0,
            at: 0
        )
    }

    private func strip(_ alarm: String, _ board: Board) -> Strip? {
        board.strips[Strip.Name(source: 0, alarm: alarm)]
    }

    @Test func `ten seconds before an alarm and ten after it are kept, and no more`() throws {
        var board = board()
        open(in: &board)
        for block in 0..<200 { try take(wave: GridIndex(block) * 100, into: &board) }
        take(alarm: "a", at: 18_050, into: &board)
        let early = try #require(strip("a", board))
        #expect(!early.isWhole)
        #expect(early.onset == 16_050)
        for block in 200..<300 { try take(wave: GridIndex(block) * 100, into: &board) }
        let whole = try #require(strip("a", board))
        #expect(whole.isWhole)
        // The messages that hold a sample from 13,050 on and before 23,050.
        #expect(whole.waves == (130...230).map { "\($0 * 100)" })
        #expect(whole.object["whole"] == .bool(true))
        #expect(whole.object["epoch"] == .string("0000000000000001"))
    }

    @Test func `an alarm whose waveforms come later gets them, and what is repeated begins no other`() throws
    {
        var board = board()
        open(in: &board)
        take(alarm: "a", at: 6_000, into: &board)
        for block in 0..<80 { try take(wave: GridIndex(block) * 100, into: &board) }
        take(alarm: "a", at: 7_900, into: &board)
        take(alarm: "a", at: 7_900, phase: "escalate", into: &board)
        #expect(strip("a", board)?.sample == 6_000)
        #expect(strip("a", board)?.waves.first == "1000")
        #expect(strip("b", board) == nil)
        take(alarm: "b", at: 7_900, phase: "tpoint", into: &board)
        #expect(strip("b", board) == nil && board.strips.count == 1)
    }

    @Test func `another epoch and another patient add nothing to a strip`() throws {
        var board = board()
        open(in: &board)
        open("q", in: &board)
        try take(wave: 5_000, into: &board)
        take(alarm: "a", at: 5_100, into: &board)
        try take(wave: 5_200, of: "q", into: &board)
        open(epoch: 2, in: &board)
        try take(wave: 5_300, epoch: 2, into: &board)
        try take(wave: 5_400, epoch: 2, into: &board)
        #expect(strip("a", board)?.waves == ["5000"])
        #expect(strip("a", board)?.isWhole == false)
    }

    @Test func `the newest strips are kept, and samples out of bounds begin none`() throws {
        var board = board()
        open(in: &board)
        for number in 0..<StripShelf.stripsMax + 3 { take(alarm: "a\(number)", at: 100, into: &board) }
        #expect(board.strips.count == StripShelf.stripsMax)
        #expect(strip("a2", board) == nil && strip("a3", board) != nil)
        // Strips that were taken away get no waveform either.
        try take(wave: 200, into: &board)
        #expect(strip("a2", board) == nil && strip("a3", board)?.waves == ["200"])
        for sample in [GridIndex.max, -1, .min, 1 << 48] {
            take(alarm: "x\(sample)", at: max(sample, .min + 2_000), into: &board)
        }
        #expect(board.strips.count == StripShelf.stripsMax && strip("a3", board) != nil)
        try take(wave: .max - 100, into: &board)
    }
}
