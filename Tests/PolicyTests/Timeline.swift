import ECGSignal
import Findings

@testable import Policy

/// An alarm case as a text that clinicians can read: what is seen or done, line by line, and what the policy makes of it.
///
///     12.0 asystole since 8          at 12 s of the first stream the rule says so; the last beat was at 8 s
///     > 12.0 high asystole: start, active, signal on (began) since 8.0
///     20.0 ack asystole by anna
///     = done
///     > 20.0 high asystole: update, active, signal acknowledged (acknowledged) by anna
///     30.0 discharge silent by anna  the device sends no more; `pause audio 60 ward by anna` is for all of a ward
///     40.0 policy asystole end 5     the ward's policy is another one from now on; `set` lines stand for all the time
///
/// Lines that begin with `>` are the events that must follow from the line above and from the time until the next one;
/// a line with `=` is the answer. Several things of one sample stand on one line, `;` between them. `#` comments.
struct Timeline {
    /// A line of the text that says what is seen or done.
    struct Input {
        let number: Int
        let time: Double
        let words: [[String]]
        var expected: [String] = []
    }

    /// What is wrong with the text itself.
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var settings: [[String]] = []
    private(set) var inputs: [Input] = []

    /// Reads a text.
    init(_ text: String) throws {
        for (place, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let trimmed = Timeline.trim(line)
            if trimmed.isEmpty || trimmed.hasPrefix("#") { continue }
            if trimmed.hasPrefix(">") || trimmed.hasPrefix("=") {
                guard !inputs.isEmpty else {
                    throw Malformed(description: "line \(place + 1): nothing was seen or done before")
                }
                inputs[inputs.count - 1].expected.append(trimmed)
                continue
            }
            var words = trimmed.split(separator: " ").map(String.init)
            if words[0] == "set" {
                settings.append(Array(words.dropFirst()))
                continue
            }
            guard let time = Double(words.removeFirst()) else {
                throw Malformed(description: "line \(place + 1) begins with no time: \(trimmed)")
            }
            let parts = words.joined(separator: " ").split(separator: ";").map { part in
                part.split(separator: " ").map(String.init)
            }
            inputs.append(Input(number: place + 1, time: time, words: parts))
        }
    }

    /// A text without the blanks around it.
    private static func trim(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    /// Runs the case; each difference between what must follow and what does, with its line.
    func differences() throws -> [String] {
        var run = TimelineRun()
        for setting in settings { try run.set(setting) }
        var differences: [String] = []
        for (place, input) in inputs.enumerated() {
            var found: [String] = []
            found += try run.perform(input)
            let next = place + 1 < inputs.count ? inputs[place + 1].time : input.time
            found += run.wait(until: next)
            guard found != input.expected else { continue }
            differences.append(
                "line \(input.number): \(input.words.map { $0.joined(separator: " ") }.joined(separator: "; "))\n"
                    + "    must follow: \(input.expected.joined(separator: "\n                 "))\n"
                    + "    follows:     \(found.joined(separator: "\n                 "))"
            )
        }
        return differences
    }

    /// The inputs with what follows from them now, to be looked at before it is kept.
    func transcript() throws -> [Int: [String]] {
        var run = TimelineRun()
        for setting in settings { try run.set(setting) }
        var lines: [Int: [String]] = [:]
        for (place, input) in inputs.enumerated() {
            let next = place + 1 < inputs.count ? inputs[place + 1].time : input.time
            lines[input.number] = try run.perform(input) + run.wait(until: next)
        }
        return lines
    }
}
