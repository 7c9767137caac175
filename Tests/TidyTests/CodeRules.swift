/// Rules of Swift and C files.
///
/// Each takes a text and returns what is wrong with it, a sentence each.
enum CodeRules {
    /// At most so many lines a file.
    static let fileLinesMax = 400

    /// At most so many lines a function, its declaration and closing brace included.
    static let functionLinesMax = 60

    /// Modules outside `allowed`.
    static func imports(of text: String, outside allowed: Set<String>) -> [String] {
        SwiftText(text).imports.filter { !allowed.contains($0.module) }.map {
            "line \($0.line): imports \($0.module); only \(allowed.sorted().joined(separator: ", ")) may be here"
        }
    }

    /// A file or a function that is too long.
    static func lengths(of text: String) -> [String] {
        let lines =
            text.split(separator: "\n", omittingEmptySubsequences: false).count
            - (text.hasSuffix("\n") ? 1 : 0)
        let file = lines > fileLinesMax ? ["\(lines) lines; split it, \(fileLinesMax) at most"] : []
        return file
            + SwiftText(text).functions.filter { $0.lineCount > functionLinesMax }.map {
                "line \($0.firstLine): a function of \($0.lineCount) lines; \(functionLinesMax) at most"
            }
    }

    /// `@unchecked Sendable` without its proof: a comment on the lines just above the declaration.
    static func uncheckedWithoutProof(in text: String) -> [String] {
        let swift = SwiftText(text)
        return uncheckedLines(in: swift).filter { line in
            line == 0 || swift.comments[line - 1].allSatisfy { $0 == " " }
        }.map { "line \($0 + 1): @unchecked Sendable without a comment above it that proves it" }
    }

    /// Whether the file uses `@unchecked` in code.
    static func usesUnchecked(_ text: String) -> Bool { !uncheckedLines(in: SwiftText(text)).isEmpty }

    private static func uncheckedLines(in swift: SwiftText) -> [Int] {
        swift.code.indices.filter { swift.code[$0].contains("@unchecked") }
    }

    /// A force-try.
    static func forcedTries(in text: String) -> [String] {
        SwiftText(text).code.enumerated().filter { $0.element.contains("try!") }
            .map { "line \($0.offset + 1): a force-try; handle the error or let it through" }
    }

    /// A note to do something later that names no issue: `(#12)` or `issue 12` must stand on its line.
    static func bareReminders(in comments: [String]) -> [String] {
        comments.enumerated().filter { _, line in
            line.contains(/\b(TODO|FIXME|XXX)\b/) && !line.contains(/#[0-9]+|issue [0-9]+/)
        }.map { "line \($0.offset + 1): a reminder without an issue" }
    }

    /// Comments that tell a newcomer nothing: a doc comment of one word, and a value that is merely "given", without
    /// a word about who gives it and what it is.
    static func clippedComments(in text: String) -> [String] {
        var found: [String] = []
        var block: [(line: Int, words: String)] = []
        func closeBlock() {
            let words = block.flatMap { $0.words.split(separator: " ") }
            if let first = block.first, words.count == 1 {
                found.append("line \(first.line): a doc comment of one word, \(words[0]); say who does what")
            }
            block = []
        }
        for (offset, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let trimmed = line.drop { $0 == " " }
            if trimmed.hasPrefix("///"), !trimmed.hasPrefix("////") {
                block.append((offset + 1, String(trimmed.dropFirst(3))))
            } else {
                closeBlock()
            }
            if trimmed.hasPrefix("//"), trimmed.contains(/\b[Aa]s given\b/) {
                found.append("line \(offset + 1): \"as given\"; say who gives it, or what it is")
            }
        }
        closeBlock()
        return found
    }

    /// A C file that computes with floats and does not first forbid the compiler to fuse a * b + c by itself.
    static func contraction(in text: String) -> [String] {
        guard text.contains(/\b(float|double|__m[0-9]+d?)\b/) else { return [] }
        let beforeCode = text.split(separator: "\n").prefix { !$0.contains("{") }
        return beforeCode.contains { $0.starts(with: "#pragma STDC FP_CONTRACT OFF") }
            ? [] : ["computes with floats without `#pragma STDC FP_CONTRACT OFF` before its first brace"]
    }
}
