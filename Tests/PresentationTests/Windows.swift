import ECGSignal
import Findings
import TestSupport

@testable import Presentation

/// A window as tests make it: the leads that are used have all their samples, the others none.
func window(
    used: [String],
    dead: [(String, reason: String)] = [],
    withheld: String? = nil,
    quality: String? = nil,
    withheldStatements: Int = 0,
    source: String = "measured",
    _ ranking: [(String, Double?)] = []
) -> WindowForPeople {
    let leads = Lead.standard.map { lead in
        WindowForPeople.Lead(
            name: lead.name,
            share: used.contains(lead.name) ? 1 : 0,
            source: used.contains(lead.name) ? source : "absent",
            reason: dead.first { $0.0 == lead.name }?.reason
        )
    }
    return WindowForPeople(
        leads: leads,
        used: used,
        withheld: withheld,
        quality: quality,
        withheldStatements: withheldStatements,
        ranking: ranking.map { entry($0.0, $0.1) }
    )
}

/// A statement of the catalogue with a probability, if it has one; one that the catalogue does not know keeps its id as its name.
func entry(_ id: String, _ probability: Double?) -> WindowForPeople.Entry {
    let statement = Catalogue.shipped.index(of: id).map { Catalogue.shipped.statements[$0] }
    return WindowForPeople.Entry(
        id: id,
        english: statement?.english ?? id,
        japanese: statement?.japanese ?? id,
        probability: probability
    )
}

/// A window of some leads with ten statements of random probabilities, of which some have none.
func randomWindow(using generator: inout SeededGenerator) -> WindowForPeople {
    let leads = Lead.standard.map(\.name).filter { _ in Bool.random(using: &generator) }
    guard !leads.isEmpty, Int.random(in: 0..<8, using: &generator) > 0 else {
        return window(
            used: [],
            withheld: ["coverage", "quality", "leads_missing"].randomElement(using: &generator)
        )
    }
    let ids = Catalogue.shipped.statements.shuffled(using: &generator).prefix(
        .random(in: 1...10, using: &generator)
    )
    return window(
        used: leads,
        ids.map { statement in
            let hasProbability = Int.random(in: 0..<8, using: &generator) > 0
            let probability = Double(Int.random(in: 0...10_000, using: &generator)) / 1e4
            return (statement.id, hasProbability ? probability : nil)
        }
    )
}
