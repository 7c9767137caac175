private import Foundation

/// The claim of one run to its folder: two runs with one `--out` would mix their checkpoints and models.
///
/// The file `run.lock` stays behind; the lock on it goes with the process, so that a kill leaves none.
struct RunLock {
    private let file: FileHandle

    /// Claims the folder for this run.
    init(folder: String) throws(TrainingError) {
        let path = folder + "/run.lock"
        let manager = FileManager.default
        guard manager.fileExists(atPath: path) || manager.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else {
            throw TrainingError(.inputOutput, "\(folder): cannot be written; check folder and permissions")
        }
        guard flock(file.fileDescriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw TrainingError(
                .options,
                "\(folder): another run writes there; wait for it, or take another --out"
            )
        }
        self.file = file
    }

    /// Gives the folder free.
    func release() { try? file.close() }
}
