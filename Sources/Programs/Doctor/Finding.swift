private import Foundation
public import Wire

/// One line of what was looked at: whether it is right, and what to do where it is not.
public struct Finding: Sendable, Equatable {
    /// How the thing stands that was looked at.
    public enum Grade: String, Sendable, CaseIterable {
        /// The thing is as it should be.
        case pass
        /// `serve` runs so, and something is not as it should be.
        case warn
        /// `serve` does not start, or does not do what it is asked for.
        case fail
    }

    /// What was looked at, in a word.
    public let subject: String
    /// How the thing stands that was looked at.
    public let grade: Grade
    /// What was found.
    public let words: String
    /// What to do; there is one wherever the grade is not `pass`.
    public let remedy: String?

    /// The thing is as it should be.
    static func pass(_ subject: String, _ words: String) -> Finding {
        Finding(subject: subject, grade: .pass, words: words, remedy: nil)
    }

    /// `serve` runs so, and it should be mended.
    static func warn(_ subject: String, _ words: String, _ remedy: String) -> Finding {
        Finding(subject: subject, grade: .warn, words: words, remedy: remedy)
    }

    /// `serve` runs so, and says so in a sentence at whose end, behind a semicolon, stands what to do.
    static func warn(_ subject: String, of sentence: String) -> Finding {
        guard let end = sentence.range(of: "; ", options: .backwards) else {
            return .warn(subject, sentence, "docs/DOCTOR.md")
        }
        return .warn(subject, String(sentence[..<end.lowerBound]), String(sentence[end.upperBound...]))
    }

    /// `serve` does not do what it should.
    static func fail(_ subject: String, _ words: String, _ remedy: String) -> Finding {
        Finding(subject: subject, grade: .fail, words: words, remedy: remedy)
    }

    /// It fails for an error, whose sentence says at its end, behind a semicolon, what to do; `otherwise` where it does not.
    static func fail(_ subject: String, of error: any Error, otherwise: String) -> Finding {
        let sentence = "\(error)"
        guard let end = sentence.range(of: "; ", options: .backwards) else {
            return .fail(subject, sentence, otherwise)
        }
        return .fail(subject, String(sentence[..<end.lowerBound]), String(sentence[end.upperBound...]))
    }

    /// The line as an object of JSON.
    public var object: JSONObject {
        [
            "subject": .string(subject), "grade": .string(grade.rawValue), "words": .string(words),
            "remedy": .stringOrNull(remedy),
        ]
    }
}
