internal import ArgumentParser
internal import ECGEncoder
private import FoundationEssentials
internal import ModelFolder
internal import Pipeline
internal import Service

/// `--model DIR`: the folder of the model to run.
struct ModelOption: ParsableArguments {
    @Option(
        help:
            "The folder of the model to run (default $SHINDEN_MODEL, else the installed one, else Models/default).",
        completion: .directory
    ) var model: String?

    /// Loads it, or says why not and ends with 78.
    func load() throws -> (model: Model, name: String) {
        try ModelOption.load(Environment.value(model, "MODEL", or: ModelOption.defaultFolder))
    }

    /// The model that is installed with the program, else the one of the source tree that is the working directory.
    ///
    /// Installed, the program is `PREFIX/bin/shinden` and the model `PREFIX/share/shinden/models/default`; links to the
    /// program are followed.
    static var defaultFolder: String {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let prefix = program.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
        let installed = prefix + "/share/shinden/models/default"
        return FileManager.default.fileExists(atPath: installed + "/model.json")
            ? installed : inSourceTree
    }

    private static let inSourceTree = "Models/default"

    /// The model of a folder and its name.
    static func load(_ folder: String) throws -> (model: Model, name: String) {
        do {
            let loaded = try ModelFolder.load(folder)
            return (try loaded.runnable(), "\(loaded.name) \(loaded.revision)")
        } catch {
            Output.words("shinden: \(error)")
            if folder == inSourceTree, !FileManager.default.fileExists(atPath: folder) {
                Output.words("shinden: no model is installed with the program either; give --model DIR")
            }
            throw Failure.configuration
        }
    }
}
