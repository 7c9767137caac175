internal import Diagnosis
internal import ECGSignal
public import Findings
public import Wire

/// One window as a person reads it, from the finding itself or from its event; both give the same words.
public struct WindowForPeople: Sendable {
    /// A lead of the window.
    struct Lead: Sendable {
        let name: String
        /// The share of the window's samples that are there, 0 to 1.
        let share: Double
        /// The event's word for where the samples come from.
        let source: String
        /// The event's word for why the lead carries no ECG; nil where nothing is known against it.
        let reason: String?
    }

    /// A ranked statement.
    struct Entry: Sendable {
        let id: String
        let english: String
        let japanese: String
        /// From 0 to 1; nil where the model has none for the leads of the window.
        let probability: Double?
    }

    /// The twelve standard leads in their order.
    let leads: [Lead]
    /// The names of the leads that the ranking rests on, in the standard order.
    let used: [String]
    /// The event's word for why the whole window is withheld; nil where it was ranked.
    let withheld: String?
    /// The event's word for what the window's signal is worth; nil where the event was written before there was one.
    let quality: String?
    /// How many statements were not ranked because their leads are missing.
    let withheldStatements: Int
    /// The ranked statements, most similar first.
    let ranking: [Entry]

    /// The share of a whole window, twelve leads of ten seconds, that the ranking rests on.
    var share: Double {
        leads.filter { used.contains($0.name) }.reduce(0) { $0 + $1.share } / 12
    }

    /// Whether the ranking rests on a patch or strap, which stands in the place of a lead.
    var isPatch: Bool { used.count == 1 && leads.contains { $0.name == used[0] && $0.source == "patch" } }

    /// What the ranking rests on: `2 of 12 leads (II, V5), 16 % of a 12-lead ECG`.
    var basis: String {
        let names = used.isEmpty || used.count == 12 ? "" : " (\(LeadWords.list(used, isPatch: isPatch)))"
        var words = ["\(used.count) of 12 leads\(names), \(Percent.signal(share)) of a 12-lead ECG"]
        if !used.isEmpty { words += withoutECG }
        if withheldStatements > 0 { words.append(LeadWords.needed(by: withheldStatements)) }
        return words.joined(separator: "; ")
    }

    /// The leads that were sent and carry no ECG, a sentence for each reason.
    var withoutECG: [String] {
        var reasons: [String] = []
        for lead in leads {
            if let reason = lead.reason, !reasons.contains(reason) { reasons.append(reason) }
        }
        return reasons.map { reason in
            let names = leads.filter { $0.reason == reason }.map(\.name)
            let verb = names.count == 1 ? "carries" : "carry"
            return "\(LeadWords.list(names)) \(verb) no ECG (\(LeadWords.reason(reason)))"
        }
    }

    /// Why the window was not ranked, with the event's word in front; nil where it was ranked.
    var withheldWords: String? {
        guard let withheld else { return nil }
        let sentence =
            switch withheld {
            case "leads_missing": ": no lead of the standard twelve was sent"
            case "coverage": ": no lead has 90 % of the window's samples"
            case "quality" where withoutECG.isEmpty && quality == SignalQuality.Grade.unanalysable.rawValue:
                ": more than half of it cannot be analysed"
            case "quality" where withoutECG.isEmpty: ": no beats that a statement could rest on"
            case "quality": ": " + withoutECG.joined(separator: "; ")
            default: ""
            }
        return withheld + sentence
    }
}

extension WindowForPeople {
    /// The window of a diagnosis event's data; a member that is missing counts as empty.
    public init(_ data: JSONObject) {
        leads = (data["leads"]?.array ?? []).compactMap(\.object).map { lead in
            Lead(
                name: lead["lead"]?.text ?? "?",
                share: lead["coverage"]?.real ?? 0,
                source: lead["source"]?.text ?? "?",
                reason: lead["reason"]?.text
            )
        }
        used = (data["leads_used"]?.array ?? []).compactMap(\.text)
        withheld = data["window_withheld"]?.text
        quality = data["quality"]?.text
        withheldStatements = data["withheld"]?.array?.count ?? 0
        ranking = (data["top"]?.array ?? []).compactMap(\.object).map { entry in
            Entry(
                id: entry["id"]?.text ?? "?",
                english: entry["en"]?.text ?? "?",
                japanese: entry["ja"]?.text ?? "?",
                probability: entry["probability"]?.real
            )
        }
    }

    /// The window of a diagnosis, with the figures as its event has them, so that both read the same.
    public init(_ diagnosis: WindowDiagnosis) {
        leads = diagnosis.leads.map {
            Lead(name: $0.lead.name, share: $0.share, source: $0.source.rawValue, reason: $0.reason?.rawValue)
        }
        used = diagnosis.usedLeads.map(\.name)
        withheld = diagnosis.windowWithheld?.rawValue
        quality = diagnosis.quality.rawValue
        withheldStatements = diagnosis.withheld.count
        ranking = diagnosis.top.map {
            Entry(
                id: $0.statement.id,
                english: $0.statement.english,
                japanese: $0.statement.japanese,
                probability: $0.probability.flatMap { JSONValue.decimal($0, places: 4).real }
            )
        }
    }
}
