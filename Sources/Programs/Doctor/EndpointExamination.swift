internal import Service
internal import ZeroMQ

/// Whether the endpoints that `serve` would listen at are free.
///
/// All are bound at once by one socket that sends nothing, so that two keys of one port are found too.
enum EndpointExamination {
    /// A line for each endpoint.
    static func findings(_ settings: Configuration) -> [Finding] {
        do {
            let wanted = try settings.boundEndpoints()
            let socket = try Socket(.pub, in: try Context())
            return wanted.map { bind(socket, $0.endpoint, as: $0.name) }
        } catch {
            return [.fail("endpoints", of: error, otherwise: "give another endpoint")]
        }
    }

    private static func bind(_ socket: borrowing Socket, _ endpoint: Endpoint, as name: String) -> Finding {
        do throws(ZeroMQError) {
            let bound = try socket.bind(endpoint)
            let example = bound.text == endpoint.text ? "" : ", for example as \(bound)"
            return .pass(name, "\(endpoint) is free\(example)")
        } catch {
            guard error.reason == .addressInUse else {
                return .fail(name, of: error, otherwise: "give another --\(name)")
            }
            let port: String? = if case .tcp(_, let port?) = endpoint.transport { "\(port)" } else { nil }
            let question = port.map { "ss -ltnp 'sport = :\($0)'" } ?? "ss -lxp"
            return .fail(
                name,
                "\(endpoint) is taken, perhaps by a daemon that runs already",
                "\(question) tells by whom, shinden status asks a daemon; stop it, or give another --\(name)"
            )
        }
    }
}
