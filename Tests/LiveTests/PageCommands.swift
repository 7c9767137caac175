import Foundation
import TestSupport

/// The commands that a page of docs/ shows, as somebody who reads it would type them.
struct PageCommands {
    /// The words of each command of `shinden`, from blocks and from within sentences, in the page's order.
    let commands: [[String]]
    /// The suites that the page runs by `make test FILTER=`.
    let suites: [String]

    init(page: String) throws {
        self.init(
            text: try String(contentsOfFile: Repository.root + "/docs/\(page).md", encoding: .utf8)
        )
    }

    init(text: String) {
        var isBlock = false
        var commands: [[String]] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isBlock.toggle()
            } else if isBlock {
                commands.append(PageCommands.words(of: line))
            } else {
                commands += line.matches(of: /`([^`]+)`/).map { PageCommands.words(of: $0.1) }
            }
        }
        self.commands = commands.filter { $0.first == "shinden" && $0.count > 1 }.map {
            Array($0.dropFirst())
        }
        suites = commands.filter { $0.contains("make") }.compactMap { words in
            words.first { $0.hasPrefix("FILTER=") }.map { String($0.dropFirst("FILTER=".count)) }
        }
    }

    /// The words before a remark.
    private static func words(of line: Substring) -> [String] {
        line.split(separator: " ").map(String.init).prefix { $0 != "#" }.map(\.self)
    }
}
