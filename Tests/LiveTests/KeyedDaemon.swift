import Foundation
import KeyFolder
import TestSupport
import Testing
import ZeroMQ

/// A daemon that asks for keys, with those of a gateway and of a desk, all made by the program's own commands.
final class KeyedDaemon {
    let scratch: Scratch
    private(set) var daemon: LiveDaemon
    private let settings: [String]
    /// The daemon's folder of keys.
    let folder: String
    /// The authorisation file as the commands wrote it, without places of patients.
    private let rights: String

    /// Starts it; `more` are further keys by name, with the flags of their authorisation, and `places` what the file says
    /// of wards and beds.
    init(
        _ flags: [String] = [],
        gateway: [String] = ["--patients", "p1,p3"],
        more: [(name: String, flags: [String])] = [],
        places: String = ""
    ) throws {
        scratch = try Scratch()
        folder = scratch.at("keys")
        do {
            try KeyedDaemon.done(["keys", "generate", "daemon", "--dir", folder])
            let all =
                [
                    ("gate", ["--role", "gateway"] + gateway),
                    ("desk", ["--role", "dashboard", "--allow", "all", "--acts-for"]),
                ] + more
            for (name, flags) in all {
                try KeyedDaemon.done(["keys", "generate", name, "--dir", scratch.path])
                try KeyedDaemon.done(
                    ["keys", "authorise", name, scratch.at("\(name).pub"), "--keys", folder] + flags
                )
            }
            try KeyedDaemon.done(["keys", "generate", "stranger", "--dir", scratch.path])
            rights = try String(contentsOfFile: folder + "/authorised.yaml", encoding: .utf8)
            try KeyedDaemon.write(rights + places, folder)
            settings = ["--keys", folder] + flags
            daemon = try LiveDaemon(settings)
        } catch {
            scratch.end()
            throw error
        }
    }

    private static func done(_ arguments: [String]) throws {
        let (code, _, words) = try Program.run(arguments)
        if code != 0 { throw Missing(description: "\(arguments): \(words)") }
    }

    /// What a socket proves with the key of that name.
    func security(_ name: String) throws -> Security {
        .client(try KeyFile.pair(scratch.at("\(name).key")), server: try serverKey)
    }

    /// The daemon's public key.
    var serverKey: PublicKey {
        get throws { try KeyFile.publicKey(folder + "/daemon.pub") }
    }

    /// The flags of the program for the key of that name.
    func flags(_ name: String) -> [String] {
        ["--key", scratch.at("\(name).key"), "--server-key", folder + "/daemon.pub"]
    }

    /// Runs the program with that key against the control endpoint.
    func ask(_ arguments: [String], as name: String) throws -> (code: Int32?, lines: [String], words: String)
    {
        try Program.run(arguments + ["--control", daemon.control.text] + flags(name))
    }

    /// Sends a recording as a patient of that name with that key.
    func replay(_ patient: String, as name: String) throws -> (code: Int32?, lines: [String], words: String) {
        try Program.run(
            [
                "replay", Repository.fixtures + "/ptbxl/00017_hr", "--patient", patient, "--speed", "max",
                "--publish", daemon.frames.text, "--events", daemon.events.text,
            ] + flags(name)
        )
    }

    /// Revokes a key and has the daemon read its file again.
    func revoke(_ name: String) throws {
        try KeyedDaemon.done(["keys", "revoke", name, "--keys", folder])
        daemon.program.send(SIGHUP)
    }

    private static func write(_ text: String, _ folder: String) throws {
        let path = folder + "/authorised.yaml"
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    /// Gives the file other places of wards and beds, and has the daemon read it again; returns once it has or refuses.
    func place(_ places: String) throws -> Bool {
        try KeyedDaemon.write(rights + places, folder)
        func counts() -> (Int, Int) {
            let words = daemon.program.words
            return (
                words.count { $0.contains("is in force") },
                words.count { $0.contains("who could come in before still can") }
            )
        }
        let before = counts()
        daemon.program.send(SIGHUP)
        guard eventually({ counts() != before }) else { throw Missing(description: "no answer to SIGHUP") }
        return counts().0 != before.0
    }

    /// Kills it and starts it anew, with endpoints of their own.
    func restart() throws {
        daemon.program.send(SIGKILL)
        _ = daemon.program.exitCode()
        daemon.end()
        daemon = try LiveDaemon(settings)
    }

    /// What a socket proves with the key of that name.
    func sender(_ name: String = "gate") throws -> Sender {
        try Sender(to: daemon.frames, security: try security(name))
    }

    func listener(_ name: String = "desk", prefix: String = "ev1.") throws -> Listener {
        try Listener(daemon, security: try security(name), prefix: prefix)
    }

    func asker(_ name: String = "desk") throws -> Asker {
        try Asker(daemon.control, security: try security(name))
    }

    func end() {
        daemon.end()
        scratch.end()
    }
}
