internal import ArgumentParser
private import Foundation

/// Options from the environment: `SHINDEN_EVENTS` is `--events`, and so on; a flag goes before it.
enum Environment {
    /// The flag's value, else that of `SHINDEN_NAME`, else `standard`.
    ///
    /// A variable that is set but cannot be read ends the program with 78 and a sentence; an empty one counts as not set.
    static func value<Value: ExpressibleByArgument>(
        _ flag: Value?,
        _ name: String,
        or standard: @autoclosure () -> Value
    ) throws -> Value {
        if let flag { return flag }
        let variable = "SHINDEN_" + name
        guard let text = ProcessInfo.processInfo.environment[variable], !text.isEmpty else {
            return standard()
        }
        guard let value = Value(argument: text) else {
            let option = name.lowercased().replacingOccurrences(of: "_", with: "-")
            Output.words("shinden: \(variable)=\(text) is no value of --\(option); see --help")
            throw Failure.configuration
        }
        return value
    }
}
