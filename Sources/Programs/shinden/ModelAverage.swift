internal import ArgumentParser
private import ModelFolder

/// A model between two.
struct ModelAverage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "average",
        abstract: "Make the model between one and the one that it learned on from.",
        discussion: """
            Every weight becomes --share of the first model's and the rest of the second's. It needs two models of which one \
            began with the other's weights (`shinden train --init`), or both with a third's: the one between is often \
            better than either and loses less of what the earlier one could do. It has no probabilities until \
            `shinden model calibrate` has fitted them. Research software, not a medical device.

            EXAMPLES
              shinden model average run/model Models/default --share 0.7 --out between

            EXIT CODES
              0 done  64 usage  78 a model is refused, or the place cannot be written
            """
    )

    @Argument(help: "The model whose weights count --share.", completion: .directory) var first: String
    @Argument(help: "The other model.", completion: .directory) var second: String
    @Option(help: "What the first model counts, above 0 and below 1.") var share = 0.5
    @Option(help: "The folder that gets the model.", completion: .directory) var out: String
    @Option(help: "The model's name.") var name = "averaged"

    func validate() throws {
        guard share > 0, share < 1 else {
            throw ValidationError("--share \(share): give a number above 0 and below 1")
        }
        guard (1...64).contains(name.utf8.count) else {
            throw ValidationError("--name has \(name.utf8.count) bytes; give 1 to 64")
        }
    }

    func run() throws {
        Output.words("Research software, not a medical device.")
        do {
            try ModelFolderCopy(of: first, at: out).write(between: second, share: share, name: name)
            _ = try ModelFolder.load(out).runnable()
            Output.words(
                "\(share) of \(first) and the rest of \(second) are in \(out); judge it with shinden evaluate, and fit its "
                    + "probabilities with shinden model calibrate"
            )
        } catch {
            Output.words("shinden model average: \(error)")
            throw Failure.configuration
        }
    }
}
