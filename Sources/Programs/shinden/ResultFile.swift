internal import ArgumentParser
private import FoundationEssentials

/// A file that a command gives its result, whole or not at all.
struct ResultFile {
    private let path: String
    private let command: String

    /// The file at `path`; `command` is named where it cannot be written.
    init(_ path: String, of command: String) { (self.path, self.command) = (path, command) }

    /// Refuses a place that takes no file, before any work is done for it.
    ///
    /// The result takes the name of what stands there, so that a device or a folder must not be there.
    func check() throws {
        let manager = FileManager.default
        let url = URL(fileURLWithPath: path)
        let facts = try? manager.attributesOfItem(atPath: url.resolvingSymlinksInPath().path)
        if let type = facts?[.type] as? FileAttributeType, type != .typeRegular {
            try refuse("not a regular file; name another")
        }
        let folder = url.deletingLastPathComponent().path
        guard manager.isWritableFile(atPath: folder) else {
            return try refuse("no folder that can be written")
        }
    }

    /// Writes the file, which is there when this returns.
    func write(_ bytes: [UInt8]) throws {
        try check()
        do { try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            try refuse("cannot be written (\(error))")
        }
    }

    private func refuse(_ reason: String) throws {
        Output.words("\(command): \(path): \(reason)")
        throw Failure.inputOutput
    }
}
