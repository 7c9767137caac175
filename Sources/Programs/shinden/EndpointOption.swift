internal import ArgumentParser
internal import ZeroMQ

/// An endpoint as people give it: checked, and on this machine.
enum EndpointOption {
    /// The endpoint of an option; ends the program with 78 where it is none or another machine's.
    static func local(_ text: String, _ option: String) throws -> Endpoint {
        let endpoint: Endpoint
        do { endpoint = try Endpoint(text) } catch {
            Output.words("shinden: --\(option): \(error)")
            throw Failure.configuration
        }
        guard endpoint.isLocal else {
            Output.words(
                "shinden: --\(option) \(text) is not on this machine; only loopback and ipc are used until connections "
                    + "are authenticated and encrypted"
            )
            throw Failure.configuration
        }
        return endpoint
    }
}
