import Foundation

/// Rules of documents and other text files.
enum DocumentRules {
    /// The targets of `[text](target)` outside code, without links to other hosts and within the page.
    static func linkedPaths(in markdown: String) -> [String] {
        prose(of: markdown).flatMap { line in
            line.matches(of: /\]\(([^()\s]+)\)/).map { String($0.output.1) }
        }.filter { !$0.hasPrefix("#") && !$0.contains("://") && !$0.hasPrefix("mailto:") }
            .map { String($0.prefix { $0 != "#" }) }
    }

    /// The lines of a page without code blocks and inline code.
    private static func prose(of markdown: String) -> [String] {
        var isCode = false
        return markdown.split(separator: "\n").compactMap { line in
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                isCode.toggle()
                return nil
            }
            return isCode ? nil : String(line.replacing(/`[^`]*`/, with: ""))
        }
    }

    /// The path that a link on the page `page` means, from the root; nil where it leads out of the tree.
    static func resolve(_ target: String, from page: String) -> String? {
        var parts = page.split(separator: "/").dropLast().map(String.init)
        for part in target.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(String(part))
            } else if parts.popLast() == nil {
                return nil
            }
        }
        return parts.joined(separator: "/")
    }

    /// Links of a page that lead to no file or folder of `paths`.
    static func deadLinks(on page: String, text: String, paths: [String]) -> [String] {
        linkedPaths(in: text).filter { target in
            guard let path = resolve(target, from: page) else { return true }
            return !path.isEmpty && !paths.contains { $0 == path || $0.hasPrefix(path + "/") }
        }.map { "links to \($0), which is not there" }
    }

    /// Absolute paths that exist on one machine only.
    static func machinePaths(in text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().filter { _, line in
            line.contains(/(^|[^A-Za-z0-9_.\-])\/(work|root|home|opt\/swift|Users)\//)
        }.map { "line \($0.offset + 1): a path of one machine" }
    }

    /// The targets that a Makefile defines.
    static func targets(ofMakefile text: String) -> Set<String> {
        Set(
            text.split(separator: "\n").compactMap {
                $0.prefixMatch(of: /([a-z][a-z-]*):/).map { String($0.output.1) }
            }
        )
    }

    /// The targets that a page asks a reader to `make`, within its first `lines` lines.
    static func makeCommands(in markdown: String, firstLines lines: Int) -> [String] {
        markdown.split(separator: "\n", omittingEmptySubsequences: false).prefix(lines).flatMap { line in
            line.matches(of: /\bmake ([a-z][a-z-]*)/).map { String($0.output.1) }
        }
    }

    /// The folders of the picture of the house: the first word of each line inside its code block.
    static func rooms(inPicture markdown: String) -> Set<String> {
        let blocks = markdown.split(separator: "```", omittingEmptySubsequences: false)
        let lines = blocks.indices.filter { !$0.isMultiple(of: 2) }.flatMap {
            blocks[$0].split(separator: "\n")
        }
        // A room's line says more than its name.
        return Set(lines.map { $0.split(separator: " ") }.filter { $0.count > 3 }.map { String($0[0]) })
    }

    /// Whether a table row of `markdown` begins with `name` in backticks and names a licence.
    static func namesLicence(of name: String, in markdown: String) -> Bool {
        markdown.split(separator: "\n").contains { row in
            row.hasPrefix("| `\(name)`") && row.contains(/\b(CC BY|ODC-By|Apache-2\.0|MIT|ISC)\b/)
        }
    }
}
