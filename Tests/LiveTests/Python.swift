import Foundation
import TestSupport

/// The peers in Python: another implementation of the protocol, over another binding of ZeroMQ.
enum Python {
    /// A python3 that has the two modules the examples need.
    static let interpreter: Result<String, Missing> = {
        for candidate in ["python3", "/usr/bin/python3"] {
            let test = try? Program("/usr/bin/env", [candidate, "-c", "import zmq, google.protobuf"])
            defer { test?.end() }
            if test?.exitCode() == 0 { return .success(candidate) }
        }
        return .failure(
            Missing(
                description: "no python3 here imports zmq and google.protobuf; make test installs Debian's "
                    + "python3-zmq, python3-protobuf and protobuf-compiler"
            )
        )
    }()

    /// Starts one of Protocols/examples.
    static func example(_ script: String, _ arguments: [String]) throws -> Program {
        let path = Repository.root + "/Protocols/examples/" + script
        return try Program("/usr/bin/env", [try interpreter.get(), path] + arguments)
    }

    /// Starts a few lines of Python.
    static func lines(_ code: String, _ arguments: [String]) throws -> Program {
        try Program("/usr/bin/env", [try interpreter.get(), "-c", code] + arguments)
    }
}
