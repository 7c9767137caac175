/// What the rules ask of a file's code: which modules it imports, where its functions begin and end.
extension SwiftText {
    /// An import line, numbered from 1.
    struct Import: Equatable {
        let module: String
        let line: Int
    }

    /// A function, initializer, deinitializer or subscript with a body; lines from 1, both ends included.
    struct Function: Equatable {
        let firstLine: Int
        let lastLine: Int

        var lineCount: Int { lastLine - firstLine + 1 }
    }

    /// The imports in order, whatever stands before (`public`, `@testable`) or behind (`struct Room.Type`).
    var imports: [Import] {
        code.enumerated().flatMap { index, line in
            // Two imports may share a line.
            line.split(separator: ";").compactMap { statement in
                let words = SwiftText.withoutAttributes(String(statement)).split(separator: " ")
                guard let keyword = words.firstIndex(of: "import"),
                    words[..<keyword].allSatisfy({ SwiftText.accessWords.contains(String($0)) })
                else { return nil }
                let path = words[(keyword + 1)...].drop { SwiftText.kindWords.contains(String($0)) }
                guard let module = path.first?.split(separator: ".").first else { return nil }
                return Import(module: String(module), line: index + 1)
            }
        }
    }

    /// Every function with a body, nested ones too; a declaration begins a line, as the formatter lays it out.
    var functions: [Function] {
        code.indices.compactMap { index in
            SwiftText.declaresFunction(code[index]) ? body(declaredAt: index) : nil
        }
    }

    /// From the declaration on line `start` to the brace that closes its body; nil where it has none.
    private func body(declaredAt start: Int) -> Function? {
        var parentheses = 0
        var braces = 0
        for index in start..<code.count {
            let isBodiless = index > start && braces == 0 && parentheses == 0
            if isBodiless, SwiftText.declaresFunction(code[index]) { return nil }
            for character in code[index] {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                case "{" where parentheses == 0 || braces > 0: braces += 1
                case "}" where braces > 0:
                    braces -= 1
                    if braces == 0 { return Function(firstLine: start + 1, lastLine: index + 1) }
                case "}" where parentheses == 0: return nil
                default: break
                }
            }
        }
        return nil
    }

    private static func declaresFunction(_ line: String) -> Bool {
        for word in withoutAttributes(line).split(whereSeparator: { " (<?!{".contains($0) }) {
            if functionWords.contains(String(word)) { return true }
            guard modifiers.contains(String(word)) else { return false }
        }
        return false
    }

    /// The line without leading attributes and their arguments: `@Test(arguments: x) func a()` gives `func a()`.
    private static func withoutAttributes(_ line: String) -> String {
        var rest = line.drop { $0 == " " }
        while rest.first == "@" {
            rest = rest.drop { $0 != " " && $0 != "(" }
            if rest.first == "(" {
                var depth = 0
                rest = rest.drop { character in
                    if character == "(" { depth += 1 }
                    if character == ")" { depth -= 1 }
                    return depth > 0
                }
                rest = rest.dropFirst()
            }
            rest = rest.drop { $0 == " " }
        }
        return String(rest)
    }

    private static let accessWords: Set<String> = ["public", "package", "internal", "fileprivate", "private"]
    private static let kindWords: Set<String> = [
        "typealias", "struct", "class", "enum", "protocol", "let", "var", "func",
    ]
    private static let functionWords: Set<String> = ["func", "init", "deinit", "subscript"]
    private static let modifiers: Set<String> = accessWords.union([
        "static", "class", "final", "open", "override", "mutating", "nonmutating", "borrowing", "consuming",
        "required", "convenience", "nonisolated", "isolated", "prefix", "postfix", "infix", "indirect",
        "dynamic",
        "async", "unsafe",
    ])
}
