import Access
import Foundation
import TestSupport
import Testing
import ZeroMQ

@testable import KeyFolder

/// Key files: read where nobody else could have read or changed them.
@Suite struct KeyFolderTests {
    /// A folder of its own, removed with the test.
    private final class Place {
        let path = FileManager.default.temporaryDirectory.path + "/shinden-keys-\(UUID().uuidString)"
        init() throws {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func set(_ mode: Int, _ name: String) throws {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path + name)
        }

        func mode(_ name: String) throws -> Int {
            let facts = try FileManager.default.attributesOfItem(atPath: path + name)
            return (facts[.posixPermissions] as? NSNumber)?.intValue ?? -1
        }

        func write(_ text: String, _ name: String, mode: Int = 0o600) throws {
            try Data(text.utf8).write(to: URL(filePath: path + name))
            try set(mode, name)
        }
    }

    private func refusal<Value>(_ body: () throws -> Value) -> KeyFolderError? {
        do {
            _ = try body()
            return nil
        } catch { return error as? KeyFolderError }
    }

    @Test func `a pair is written for its owner alone, read back, and never written over`() throws {
        let place = try Place()
        let made = try KeyFile.generate(named: "icu-1", in: place.path)
        #expect(try place.mode("/icu-1.key") == 0o600)
        #expect(try place.mode("/icu-1.pub") == 0o644)
        let read = try KeyFile.pair(place.path + "/icu-1.key")
        #expect(read.publicKey == made.pair.publicKey && read.secretText == made.pair.secretText)
        #expect(try KeyFile.publicKey(place.path + "/icu-1.pub") == made.pair.publicKey)
        #expect(try KeyFile.publicKey(made.pair.publicKey.text) == made.pair.publicKey)
        let published = try String(contentsOfFile: place.path + "/icu-1.pub", encoding: .utf8)
        #expect(!published.contains(made.pair.secretText))
        #expect("\(made.pair)" == made.pair.publicKey.text)
        #expect(!String(reflecting: made.pair).contains(made.pair.secretText))
        #expect(refusal { try KeyFile.generate(named: "icu-1", in: place.path) }?.kind == .exists)
        #expect(try KeyFile.pair(place.path + "/icu-1.key").publicKey == made.pair.publicKey)
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o644, 0o666, 0o601, 0o620, 0o777])
    func `P21 a key that others may read or change is refused, with what to do`(mode: Int) throws {
        let place = try Place()
        _ = try KeyFile.generate(named: "a", in: place.path)
        try place.set(mode, "/a.key")
        let error = try #require(refusal { try KeyFile.pair(place.path + "/a.key") })
        #expect(error.kind == .refused)
        #expect(error.description.contains("chmod 600") && error.description.contains("draw a new key"))
    }

    @Test(arguments: [0o620, 0o602, 0o666])
    func `P21 an authorisation file, or a folder, that others may change is refused`(mode: Int) throws {
        let place = try Place()
        _ = try KeyFile.generate(named: "daemon", in: place.path)
        let folder = KeyFolder(place.path)
        try folder.authorise([])
        #expect(try folder.authorised().table.keys.isEmpty)
        try place.set(mode, "/authorised.yaml")
        #expect(refusal { try folder.authorised() }?.description.contains("chmod 600") == true)
        try place.set(0o640, "/authorised.yaml")
        #expect(try folder.authorised().table.keys.isEmpty)
        try place.set(0o100 | mode | 0o110, "")
        #expect(refusal { try folder.authorised() }?.description.contains("chmod 700") == true)
        #expect(refusal { try folder.daemonPair() }?.kind == .refused)
        try place.set(0o700, "")
    }

    @Test(arguments: [
        "", "\n", "secret\n", "secret short\n", "public x\nsecret y\n", "secret a b\n", "nonsense\n",
        "secret D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs\nsecret D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs\n",
        "public rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\n",
        "public rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\nsecret D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs\n",
    ])
    func `P21 a key file that is empty or holds something else is refused, and no line of it is told`(
        text: String
    ) throws {
        let place = try Place()
        try place.write(text, "/a.key")
        let error = try #require(refusal { try KeyFile.pair(place.path + "/a.key") })
        #expect(error.kind == .refused)
        #expect(!error.description.contains("D:)Q") && !error.description.contains("nonsense"))
    }

    @Test func `the pair of RFC 26 is read: its public half follows from its secret one`() throws {
        let place = try Place()
        let secret = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
        let expected = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
        try place.write("# theirs\n\npublic \(expected)\nsecret \(secret)\n", "/server.key")
        let pair = try #require(try? KeyFile.pair(place.path + "/server.key"))
        #expect(pair.publicKey.text == expected)
    }

    @Test func `what is no file is not waited for`() throws {
        let place = try Place()
        // Safe: the string lives through the call.
        let isMade = unsafe mkfifo(place.path + "/pipe.key", 0o600) == 0
        #expect(isMade)
        #expect(refusal { try KeyFile.pair(place.path + "/pipe.key") }?.kind == .refused)
        #expect(refusal { try KeyFile.pair(place.path) }?.kind == .refused)
        #expect(refusal { try KeyFile.pair(place.path + "/none.key") }?.kind == .notFound)
        try place.write(String(repeating: "#", count: 100_000), "/long.key")
        #expect(refusal { try KeyFile.pair(place.path + "/long.key") }?.kind == .refused)
    }

    @Test func `nobody is let in by a secret half`() throws {
        let place = try Place()
        let made = try KeyFile.generate(named: "a", in: place.path)
        let secret = try #require(refusal { try KeyFile.publicKey(place.path + "/a.key") })
        #expect(secret.kind == .refused && secret.description.contains("give its .pub file"), "\(secret)")
        #expect(!secret.description.contains(made.pair.secretText))
        #expect(try KeyFile.publicKey(place.path + "/a.pub") == made.pair.publicKey)
    }

    @Test func `two who write at once: the second is told`() throws {
        let place = try Place()
        try place.write("", "/authorised.yaml.new")
        let error = try #require(refusal { try KeyFolder(place.path).authorise([]) })
        #expect(error.kind == .exists && error.description.contains("remove it"))
    }

    @Test func `a fingerprint is 20 digits of the key, and any grouping of them`() throws {
        let key = try #require(PublicKey("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"))
        // python3 -c "import hashlib, zmq.utils.z85 as z; d = hashlib.sha256(z.decode(b'...')).digest();
        // print(int.from_bytes(d[:16], 'big') % 10**20)"
        let text = "\(Fingerprint(of: key))"
        #expect(text == "0170 4283 5311 8801 5364")
        #expect(Fingerprint(text.replacingOccurrences(of: " ", with: "")) == Fingerprint(of: key))
        #expect(Fingerprint(text.replacingOccurrences(of: " ", with: "-")) == Fingerprint(of: key))
        #expect(
            Fingerprint("1234") == nil && Fingerprint(text + "1") == nil && Fingerprint("x" + text) == nil
        )
        var others: Set<String> = []
        for _ in 0..<200 { others.insert("\(Fingerprint(of: try KeyPair().publicKey))") }
        #expect(others.count == 200)
    }
}
