import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire

/// A daemon whose wall clock is set while it runs; the monotonic clock goes on as it is.
@Suite struct WallClockTests {
    /// What changes the clock of a program that it is loaded into; nil where Debian's faketime is not here.
    private static let library: String? = {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        return folders.map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }.first {
            FileManager.default.fileExists(atPath: $0)
        }
    }()

    /// Seconds from now to a moment of 1970 and to one behind the last that 32 bits count.
    private static func steps() -> [Int] {
        let now = Int(Date().timeIntervalSince1970)
        return [3_600, -3_600, 86_400, -86_400, 60 - now, (1 << 31) + 86_400 - now]
    }

    @Test(
        .enabled(if: library != nil, "Debian's faketime is not here"),
        .enabled(if: Sanitizer.current != .thread, "faketime cannot start under ThreadSanitizer")
    )
    func `P16 a wall clock that jumps moves no window, no alarm, no id and no label of an open stream`()
        throws
    {
        let scratch = try Scratch()
        defer { scratch.end() }
        let clock = try scratch.write("+0\n", to: "clock")
        let daemon = try LiveDaemon(
            ["--idle-seconds", "3600"],
            environment: [
                "LD_PRELOAD": try #require(Self.library), "FAKETIME_TIMESTAMP_FILE": clock,
                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                // Without it the library sets it itself, which moves the environment, and Swift then finds no arguments.
                "FAKETIME_SHARED": "/shinden-none /shinden-none",
            ]
        )
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let sender = try daemon.sender()
        let asker = try Asker(daemon)
        let messages = try BadInputTests.goodMessages()
        let steps = Self.steps()
        var sent = 0
        // A piece of the stream at each time of the clock, the last one in 2038.
        for (index, step) in ([0] + steps).enumerated() {
            _ = try scratch.write("\(step < 0 ? "" : "+")\(step)\n", to: "clock")
            let end = (index + 1) * messages.count / (steps.count + 1)
            try sender.send(Array(messages[sent..<end]))
            sent = end
            let count = Int64(sent)
            #expect(try eventually { try asker.status()["frames"]?.whole == count })
        }
        #expect(try listener.reads { listener.closings["good"] != nil })
        #expect(try listener.canonical("good") == BadInputTests.alone.get())
        let starts = listener.heard.filter { $0.isDiagnosis && $0.subject == "good" }.compactMap {
            $0.data["window"]?.object?["start"]?.text
        }
        #expect(
            starts.count == 14 && starts == starts.sorted() && Set(starts.map { $0.prefix(4) }).count == 1
        )

        // So that the clock is known to have jumped: who comes now is labelled by it.
        let later = StreamIdentity(patient: "later", device: "d2", epoch: 2)
        try sender.send(try SentRecord("ptbxl/00017_hr").messages(later, 0..<6_000, every: 250))
        #expect(try listener.hears("a window of 2038") { $0.isDiagnosis && $0.subject == "later" })
        let start = listener.heard.last?.data["window"]?.object?["start"]?.text
        #expect(start?.hasPrefix("2038-") == true, "\(start ?? "")")
        #expect(daemon.program.words.contains { $0.contains("the wall clock was set") })
        #expect(daemon.stop() == 0, "\(daemon.program.words)")
    }
}
