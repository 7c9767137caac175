private import Foundation
internal import Policy

/// What of a patient outlives a restart as bytes: JSON with the members of `PatientMemory`, in the order of their names.
///
/// It stands in the journal's table of states and in the frame log of the run that went on from it.
enum PatientMemoryFormat {
    /// The bytes of a memory.
    static func bytes(of memory: PatientMemory) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Whole numbers, texts and finite figures can always be written.
        return (try? encoder.encode(memory)).map { Array($0) } ?? []
    }

    /// The memory of those bytes; nil where this program does not understand it.
    static func memory(parsing bytes: [UInt8]) -> PatientMemory? {
        guard let memory = try? JSONDecoder().decode(PatientMemory.self, from: Data(bytes)) else {
            return nil
        }
        return memory.isKnown ? memory : nil
    }
}
