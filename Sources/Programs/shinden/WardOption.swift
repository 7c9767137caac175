internal import ArgumentParser
internal import ECGSignal

/// What is no ward is refused before anybody is asked.
enum WardOption {
    static func check(_ ward: String?) throws {
        guard let ward, !StreamIdentity.isValidID(ward) else { return }
        throw ValidationError("--ward \(ward): 1 to 64 letters, digits, - and _, and not _ alone")
    }
}
