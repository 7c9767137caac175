internal import ArgumentParser
internal import ZeroMQ

/// An endpoint as people give it: checked, and on this machine unless both ends prove who they are.
enum EndpointOption {
    /// The endpoint of an option; ends the program with 78 where it is none, or another machine's without keys.
    static func checked(_ text: String, _ option: String, _ security: Security) throws -> Endpoint {
        let endpoint: Endpoint
        do { endpoint = try Endpoint(text) } catch {
            Output.words("shinden: --\(option): \(error)")
            throw Failure.configuration
        }
        guard endpoint.isLocal || !security.isNone else {
            Output.words(
                "shinden: --\(option) \(text) is not on this machine; without --key and --server-key only loopback and ipc "
                    + "are used, since nobody there has to prove who it is"
            )
            throw Failure.configuration
        }
        return endpoint
    }
}
