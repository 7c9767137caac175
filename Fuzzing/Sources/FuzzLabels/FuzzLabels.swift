/// Reads catalogues, `labels.tsv`, of any bytes, and writes what was read.

private import Findings
private import FuzzSupport

/// Called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    do throws(Catalogue.Malformed) {
        let catalogue = try Catalogue(bytes: unsafe inputBytes(data, count))
        Tally.count(isTaken: !catalogue.statements.isEmpty)
        for (place, statement) in catalogue.statements.enumerated() {
            law(catalogue.index(of: statement.id) == place, "a statement is found by its id")
            law((0...3).contains(statement.severity), "a severity is 0 to 3")
            let ancestors = catalogue.ancestors(of: statement.id)
            law(Set(ancestors).count == ancestors.count, "no statement is above another one twice")
            law(
                LeadRequirement(statement.minimumLeads.text) == statement.minimumLeads,
                "a requirement is its text"
            )
        }
        let again = try Catalogue(bytes: table(of: catalogue))
        law(again.statements == catalogue.statements, "what was read is written and read back")
    } catch {
        Tally.count(isTaken: false)
        law(isTelling(error.description), "a refusal says why")
    }
    return 0
}

/// The catalogue as a table; the last column ends in no character that could join the line's end.
private func table(of catalogue: Catalogue) -> [UInt8] {
    var lines = ["id\ten\tja\tparent\tevidence\tleads_min\talarm_priority\tfamily\tscp\tsnomed\tseverity"]
    for statement in catalogue.statements {
        lines.append(
            [
                statement.id, statement.english, statement.japanese, statement.parent ?? "",
                statement.evidence.rawValue, statement.minimumLeads.text,
                statement.alarmPriority?.rawValue ?? "none",
                statement.family, statement.scpCodes.joined(separator: ";"),
                statement.snomedCodes.joined(separator: ";"), "\(statement.severity)",
            ].joined(separator: "\t")
        )
    }
    return Array(lines.joined(separator: "\n").utf8)
}
