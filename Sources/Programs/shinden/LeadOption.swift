internal import ArgumentParser
internal import Recordings

/// What holds for every option that names the leads to take.
enum LeadOption {
    /// Refuses words that are no lead's name, whatever the recording holds.
    static func check(_ leads: String?, _ option: String = "--leads") throws {
        do throws(RecordingError) { try LeadAssignment.check(leads, option: option) } catch {
            throw ValidationError("\(error)")
        }
    }
}
