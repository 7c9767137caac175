import Foundation
import TestSupport
import Testing
import ZeroMQ

/// `serve --keys` and `shinden keys` with what cannot be used: nothing is served, and the words say what to do.
@Suite struct KeyRefusalTests {
    private func serve(_ flags: [String]) throws -> (code: Int32?, words: String) {
        let ports = ["--bind-subscribe", "--events", "--control"].flatMap { [$0, "tcp://127.0.0.1:*"] }
        let run = try Program.run(["serve", "--model", Repository.defaultModel] + ports + flags)
        return (run.code, run.words)
    }

    private func generate(_ scratch: Scratch, _ name: String, in folder: String) throws {
        #expect(try Program.run(["keys", "generate", name, "--dir", scratch.at(folder)]).code == 0)
    }

    @Test(arguments: ["--bind-subscribe", "--events", "--control", "--waves", "--subscribe"])
    func `P21 an endpoint that others reach is not served without keys`(flag: String) throws {
        for endpoint in ["tcp://*:*", "tcp://0.0.0.0:7999", "tcp://192.0.2.1:7999", "tcp://[::]:7999"] {
            let run = try serve([flag, endpoint])
            #expect(run.code == 78 && run.words.contains("--keys"), "\(run.words)")
        }
    }

    @Test(arguments: ["--keys", "--state", "--record"])
    func `P21 an empty folder is refused, as of a script whose variable is not set`(flag: String) throws {
        let run = try serve([flag, ""])
        #expect(run.code == 78 && run.words.contains("\(flag) is empty"), "\(run.words)")
    }

    @Test func `P21 no key, a loose or an empty one, or nobody authorised: nothing is served`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let keys = scratch.at("keys")
        func refused(_ words: String) throws {
            let run = try serve(["--keys", keys])
            #expect(run.code == 78 && run.words.contains(words), "\(run.words)")
        }
        try refused("no such folder")
        try FileManager.default.createDirectory(
            atPath: keys,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        try refused("shinden keys generate daemon")
        try generate(scratch, "daemon", in: "keys")
        try refused("shinden keys authorise")
        try generate(scratch, "gate", in: ".")
        let authorise = [
            "keys", "authorise", "gate", scratch.at("gate.pub"), "--keys", keys, "--role", "gateway",
        ]
        #expect(try Program.run(authorise).code == 0)
        let key = keys + "/daemon.key"
        func set(_ mode: Int, _ path: String) throws {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
        try set(0o640, key)
        try refused("chmod 600")
        try set(0o600, key)
        try set(0o666, keys + "/authorised.yaml")
        try refused("chmod 600")
        try set(0o600, keys + "/authorised.yaml")
        try set(0o777, keys)
        try refused("chmod 700")
        try set(0o700, keys)
        try Data().write(to: URL(filePath: keys + "/authorised.yaml"))
        try refused("empty")
        try Data().write(to: URL(filePath: key))
        try refused("no line")
    }

    @Test func `keys are not written over, taken twice or taken back`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        func run(_ arguments: String...) throws -> (code: Int32?, lines: [String], words: String) {
            try Program.run(["keys"] + arguments)
        }
        let (keys, pub) = (scratch.at("keys"), scratch.at("a.pub"))
        try generate(scratch, "a", in: ".")
        try generate(scratch, "b", in: ".")
        #expect(try run("generate", "a", "--dir", scratch.path).code == 1)
        #expect(try run("generate", "a/b", "--dir", scratch.path).code == 64)
        let role = ["--role", "gateway"]
        func authorise(_ name: String, _ key: String, _ more: [String] = []) throws -> Int32? {
            try Program.run(["keys", "authorise", name, key, "--keys", keys] + role + more).code
        }
        #expect(try authorise("a", pub, ["--fingerprint", "0000 0000 0000 0000 0000"]) == 1)
        #expect(!FileManager.default.fileExists(atPath: keys + "/authorised.yaml"))
        #expect(try authorise("a", "nonsense") == 78)
        #expect(try authorise("a", pub, ["--patients", "a/b"]) == 64)
        #expect(try authorise("a", pub, ["--allow", "everything"]) == 64)
        for ids in [",", "3,,4", "3,", ""] {
            #expect(try authorise("a", pub, ["--wards", ids]) == 64, "\(ids)")
            #expect(try authorise("a", pub, ["--read", ids]) == 64, "\(ids)")
        }
        #expect(try authorise("a", pub, ["--patients", "p1"]) == 0)
        #expect(try authorise("a", scratch.at("b.pub")) == 1, "the name has another key")
        #expect(try authorise("b", pub) == 78, "the key has another name")
        #expect(try authorise("a", pub, ["--patients", "p1,p2"]) == 0)
        #expect(try run("revoke", "none", "--keys", keys).code == 1)
        #expect(try run("revoke", "a", "--keys", keys).code == 0)
        #expect(try run("revoke", "a", "--keys", keys).code == 0)
        #expect(try authorise("a", pub) == 1, "revoked for good")
        #expect(try run("list", "--keys", keys).code == 78, "the daemon has no key yet")
        try generate(scratch, "daemon", in: "keys")
        let list = try run("list", "--keys", keys, "--json")
        #expect(list.code == 0 && list.lines.count == 2)
        #expect(
            list.lines[1].contains(#""patients":["p1","p2"]"#) && !list.lines[1].contains(#""revoked":null"#)
        )
    }

    @Test func `a program's key that others may read is not used, nor one without the server's`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        try generate(scratch, "a", in: ".")
        let (key, pub) = (scratch.at("a.key"), scratch.at("a.pub"))
        let remote = ["--control", "tcp://192.0.2.1:7203"]
        #expect(try Program.run(["status"] + remote).code == 78)
        for flags in [["--key", key], ["--server-key", pub], ["--key", key, "--server-key", "x"]] {
            let run = try Program.run(["status"] + remote + flags)
            #expect(run.code == 78, "\(run.words)")
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        let run = try Program.run(["status"] + remote + ["--key", key, "--server-key", pub])
        #expect(run.code == 78 && run.words.contains("chmod 600"))
        let environment = try Program.run(
            ["status"] + remote,
            environment: ["SHINDEN_KEY": key, "SHINDEN_SERVER_KEY": pub]
        )
        #expect(environment.code == 78 && environment.words.contains("chmod 600"))
    }
}
