import Foundation

/// What the rhythm lane says of records that are made of real ones: QRS that become small, standstills with P waves, leads that
/// die, motion of an electrode.
///
///     .build/release/MadeRecords FOLDER [CASE...]
///
/// FOLDER holds `mitdb` with the twelve records that `THIRD_PARTY.md` names, `nstdb` and `ludb`. Prints one line for each
/// kind of record; every run makes the same records.
let words = CommandLine.arguments.dropFirst()
guard let folder = words.first else {
    print("usage: MadeRecords FOLDER [CASE...]")
    exit(64)
}
do {
    let cases = try Cases(material: Material(folder)).all
    let asked = words.dropFirst()
    for one in cases where asked.isEmpty || asked.contains(one.name) {
        for line in try one.lines() { print("\(one.name): \(line)") }
    }
} catch {
    print("MadeRecords: \(error)")
    exit(1)
}
