/// Reads policy files of any bytes.
///
/// An input is a mode and a text; in the odd modes each byte from 128 on stands for a word that policies have, so that the
/// fuzzer need not find the words letter by letter.

private import ECGSignal
private import FuzzSupport
private import Policy
private import PolicyFile

/// Called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = unsafe inputBytes(data, count)
    guard let mode = bytes.first else { return 0 }
    let input = mode & 1 == 0 ? Array(bytes.dropFirst()) : text(of: bytes.dropFirst())
    do throws(PolicyFile.Refused) {
        let table = try PolicyFile.table(of: input)
        Tally.count(isTaken: true)
        law(
            table.rows.map(\.statement) == PolicyTable.standard.rows.map(\.statement),
            "a file changes rows and adds none"
        )
        for row in table.rows {
            law(row.onsetSamples >= 0 && row.endSamples >= 0 && row.rearmSamples >= 0, "no time is negative")
        }
        if let rates = table.rates {
            law(rates.low < rates.high, "a rate is not too low and too high at once")
        }
        law(try PolicyFile.table(of: input) == table, "a file is read the same each time")
        // Applied to its own table a file sets everything to what it is.
        law(
            try PolicyFile.table(of: input, on: table) == table,
            "a file that is applied twice changes nothing more"
        )
    } catch {
        Tally.count(isTaken: false)
        law(isTelling(error.description) && error.description.utf8.count < 5_000, "a refusal says why")
    }
    return 0
}

private let words = [
    "{", "}", "[", "]", ": ", ", ", "\n", "\n  ", "\n    ", "\n- ", "5", "0", "120", "1.5", "-1", "1:30",
    "1e400", ".inf", "0x10",
    "statements:", "chains:", "version: 1", "priority: ", "onset_seconds: ", "end_seconds: ",
    "rearm_seconds: ",
    "threshold: ", "steps: ", "after_seconds: ", "above: ", "below: ", "end: ", "high", "medium", "low",
    "info", "&a ", "*a",
    "!!int ", "!!float ", "\"", "'", "? ", "| ", "~", "<<: ", "asystole", "pause", "tachycardia",
    "bradycardia",
    "extreme_bradycardia", "sinus_arrest", "ventricular_couplet", "ventricular_fibrillation",
    "ventricular_bigeminy",
    "sinus_rhythm", "atrial_fibrillation",
].map { Array($0.utf8) }

/// A version, and then the bytes with words in place of those from 128 on.
private func text(of input: ArraySlice<UInt8>) -> [UInt8] {
    Array("version: 1\n".utf8) + input.flatMap { $0 < 128 ? [$0] : words[Int($0 - 128) % words.count] }
}
