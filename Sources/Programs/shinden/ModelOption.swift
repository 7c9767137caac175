internal import ArgumentParser
internal import ECGEncoder
internal import ModelFolder
internal import Pipeline
internal import Service

/// `--model DIR`: the folder of the model to run.
struct ModelOption: ParsableArguments {
    @Option(help: "The folder of the model to run (default $SHINDEN_MODEL, else Models/default).") var model:
        String?

    /// Loads it, or says why not and ends with 78.
    func load() throws -> (model: Model, name: String) {
        try ModelOption.load(Environment.value(model, "MODEL", or: "Models/default"))
    }

    /// The model of a folder and its name.
    static func load(_ folder: String) throws -> (model: Model, name: String) {
        do {
            let loaded = try ModelFolder.load(folder)
            return (try loaded.runnable(), "\(loaded.name) \(loaded.revision)")
        } catch {
            Output.words("shinden: \(error)")
            throw Failure.configuration
        }
    }
}
