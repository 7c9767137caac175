internal import ArgumentParser
internal import KeyFolder
internal import ZeroMQ

/// `--key` and `--server-key`: who this program is, and whom it must meet, at a daemon that asks for keys.
struct KeyOption: ParsableArguments {
    @Option(
        help: "The file of this program's key, as shinden keys generate writes it (default $SHINDEN_KEY).",
        completion: .file(extensions: ["key"])
    ) var key: String?
    @Option(
        help:
            "The daemon's public key, or a file with it (default $SHINDEN_SERVER_KEY); a shell needs quotes around a key.",
        completion: .file(extensions: ["pub"])
    ) var serverKey: String?

    /// What the sockets prove; ends the program with 78 where a file cannot be used, or one is given without the other.
    func security() throws -> Security {
        try KeyOption.security(
            Environment.value(key, "KEY", or: ""),
            Environment.value(serverKey, "SERVER_KEY", or: "")
        )
    }

    /// What sockets prove with the key of that file to the daemon of that key; nothing where both are empty.
    static func security(_ key: String, _ serverKey: String) throws -> Security {
        if key.isEmpty, serverKey.isEmpty { return .none }
        guard !key.isEmpty, !serverKey.isEmpty else {
            Output.words(
                "shinden: give both --key FILE and --server-key KEY: without one the daemon does not know who this is, "
                    + "without the other this does not know whom it tells"
            )
            throw Failure.configuration
        }
        do throws(KeyFolderError) {
            return .client(try KeyFile.pair(key), server: try KeyFile.publicKey(serverKey))
        } catch {
            Output.words("shinden: \(error)")
            throw Failure.configuration
        }
    }
}

extension Security {
    /// Whether nothing is proven.
    var isNone: Bool { if case .none = self { true } else { false } }
}
