private import ECGSignal

/// Lists of leads as a person reads them.
enum LeadWords {
    /// As `list`, or that a patch or strap stands in the place of the one lead.
    static func list(_ names: [String], isPatch: Bool) -> String {
        isPatch ? "a patch or strap in the place of \(list(names))" : list(names)
    }

    /// The names with a comma between, where three or more neighbours of the standard order become one: `I, V1-V6`.
    static func list(_ names: [String]) -> String {
        let standard = Lead.standard.map(\.name)
        var words: [String] = []
        var rest = names[...]
        while let first = rest.first {
            let start = standard.firstIndex(of: first)
            let run = rest.enumerated().prefix { offset, name in
                start.map { $0 + offset < standard.count && standard[$0 + offset] == name } ?? (offset == 0)
            }.map(\.element)
            words += run.count > 2 ? ["\(first)-\(run[run.count - 1])"] : run
            rest = rest.dropFirst(run.count)
        }
        return words.joined(separator: ", ")
    }

    /// How many statements could not be ranked because the leads that they need are missing.
    static func needed(by count: Int) -> String {
        count == 1 ? "1 statement needs other leads" : "\(count) statements need other leads"
    }

    /// The names in the standard order, others behind in theirs.
    static func inStandardOrder(_ names: Set<String>) -> [String] {
        let standard = Lead.standard.map(\.name)
        return standard.filter(names.contains) + names.subtracting(standard).sorted()
    }

    /// Why a lead carries no ECG, by the word of the event.
    static func reason(_ word: String) -> String {
        switch word {
        case "flat": "flat"
        case "range": "beyond what an ECG reaches"
        case "off": "electrode off"
        default: word
        }
    }
}
