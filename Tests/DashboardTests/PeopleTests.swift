import Digest
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Dashboard

/// Who may log in, how often passwords may be tried, and how long somebody is in.
@Suite struct PeopleTests {
    private static let password = Array("correct horse".utf8)

    /// A file with one person in a folder of its own, which the caller removes.
    private func file(_ name: String = "kana") throws -> (folder: URL, path: String) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "shinden-users-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appendingPathComponent("users").path
        #expect(try UserFile.change(path, mayBegin: true) { $0.set(name, password: Self.password) })
        return (folder, path)
    }

    @Test func `a hash fits its password and no other, and two of one password differ`() throws {
        let hash = try #require(PasswordHash.text(of: Self.password))
        #expect(hash.hasPrefix("$argon2id$"))
        #expect(PasswordHash.verify(Self.password, against: hash))
        #expect(!PasswordHash.verify(Array("correct hors".utf8), against: hash))
        #expect(!PasswordHash.verify([], against: hash))
        #expect(PasswordHash.text(of: Self.password) != hash)
        // One that would take another time or memory is none of ours.
        for other in [
            "", "$argon2id$", hash + "x", String(hash.dropLast()),
            hash.replacingOccurrences(of: "m=65536", with: "m=4194304"),
        ] {
            #expect(
                !PasswordHash.isHash(other) && !PasswordHash.verify(Self.password, against: other),
                "\(other)"
            )
        }
    }

    @Test func `a file reads back as it was written, and its owner alone may read it`() throws {
        let (folder, path) = try file()
        defer { try? FileManager.default.removeItem(at: folder) }
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try UserFile.change(path, mayBegin: false) { $0.set("sato", password: Self.password) })
        #expect(try UserFile(reading: path).names == ["kana", "sato"])
        #expect(try UserFile.change(path, mayBegin: false) { $0.remove("kana") })
        #expect(try !UserFile.change(path, mayBegin: false) { $0.remove("kana") })
        #expect(try UserFile(reading: path).names == ["sato"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["users"])
    }

    @Test func `a right stands in the file, a line without one may answer, and another word is refused`()
        throws
    {
        let (folder, path) = try file()
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(
            try UserFile.change(path, mayBegin: false) {
                $0.set("sato", password: Self.password, right: .manage)
            }
        )
        let users = try UserFile(reading: path)
        #expect(users.right(of: "kana") == .answer && users.right(of: "sato") == .manage)
        #expect(users.right(of: "mori") == nil)
        #expect(UserFile.Right.look < .answer && .answer < .manage && !(UserFile.Right.manage < .answer))
        let text = String(decoding: users.bytes, as: UTF8.self)
        let old = try UserFile(
            parsing: Array(text.replacingOccurrences(of: " manage", with: "").utf8),
            from: "users"
        )
        #expect(old.right(of: "sato") == .answer)
        for word in ["admin", "", "manage manage"] {
            let bytes = Array(text.replacingOccurrences(of: " manage", with: " \(word)").utf8)
            #expect(throws: UserFile.Failure.self) { try UserFile(parsing: bytes, from: "users") }
        }
    }

    @Test(arguments: [0o644, 0o640, 0o602, 0o666])
    func `a file that others may use is refused with the remedy`(
        mode: Int
    ) throws {
        let (folder, path) = try file()
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let failure = #expect(throws: UserFile.Failure.self) { try UserFile(reading: path) }
        #expect(failure?.kind == .refused)
        #expect(failure?.description.contains("chmod 600") == true)
    }

    @Test func `what is no file of users is refused by its line, and a second change waits for the first`()
        throws
    {
        let (folder, path) = try file()
        defer { try? FileManager.default.removeItem(at: folder) }
        let good = try UserFile(reading: path).bytes
        let line = try #require(good.split(separator: UInt8(ascii: "\n")).last).map(\.self)
        for bad in [
            [], Array("x".utf8), Array("shinden users 2\n".utf8), good + line + [10],
            good + Array("a b\n".utf8),
            Array(good.dropLast()), good + [10], good + [0xFF, 10],
        ] {
            let failure = #expect(throws: UserFile.Failure.self) { try UserFile(parsing: bad, from: "users") }
            #expect(failure?.kind == .refused)
        }
        #expect(FileManager.default.createFile(atPath: path + ".new", contents: nil))
        let busy = #expect(throws: UserFile.Failure.self) {
            try UserFile.change(path, mayBegin: true) { $0.remove("kana") }
        }
        #expect(busy?.description.contains("being changed") == true)
        #expect(try UserFile(reading: path).names == ["kana"])
        let absent = #expect(throws: UserFile.Failure.self) { try UserFile(reading: path + "x") }
        #expect(absent?.kind == .notFound)
    }

    @Test func `the fifth failure makes a name wait, others go on, and all together are bounded`() {
        var tries = LoginGuard()
        for _ in 0..<LoginGuard.failuresMax {
            #expect(tries.tryOnce("kana", at: 0) == 0)
            tries.failed("kana", at: 0)
        }
        #expect(tries.tryOnce("kana", at: 1_000) == LoginGuard.wait - 1_000)
        #expect(tries.tryOnce("sato", at: 1_000) == 0)
        #expect(tries.tryOnce("kana", at: LoginGuard.wait) == 0)
        tries.failed("kana", at: LoginGuard.wait)
        #expect(tries.tryOnce("kana", at: LoginGuard.wait + 1) == LoginGuard.wait - 1)
        tries.succeeded("kana")
        #expect(tries.tryOnce("kana", at: LoginGuard.wait + 1) == 0)

        var many = LoginGuard()
        for number in 0..<LoginGuard.triesMax { #expect(many.tryOnce("n\(number)", at: Int64(number)) == 0) }
        #expect(many.tryOnce("new", at: 1_000) == 59_000)
        #expect(many.tryOnce("new", at: 60_000) == 0)
    }

    @Test func `a session lasts its time, ends with its person or password, and there are so many`() {
        var sessions = Sessions()
        let token = sessions.begin("kana", hash: "h", at: 0)
        #expect(sessions.session(token, at: Sessions.life - 1)?.user == "kana")
        #expect(sessions.session(token, at: Sessions.life) == nil)
        #expect(sessions.session("", at: 0) == nil)
        let other = sessions.begin("sato", hash: "h", at: 0)
        #expect(sessions.session(token, at: 0)?.key != sessions.session(other, at: 0)?.key)
        sessions.keep(["kana": "another", "sato": "h"])
        #expect(sessions.session(token, at: 0) == nil && sessions.session(other, at: 0) != nil)
        sessions.end(other)
        #expect(sessions.session(other, at: 0) == nil)
        let first = sessions.begin("kana", hash: "h", at: 0)
        for _ in 0..<Sessions.countMax { _ = sessions.begin("kana", hash: "h", at: 1) }
        #expect(sessions.count == Sessions.countMax && sessions.session(first, at: 1) == nil)
    }

    @Test func `who is taken out of the file, or whose file others may read, is out at once`() async throws {
        let (folder, path) = try file()
        defer { try? FileManager.default.removeItem(at: folder) }
        let said = Mutex<[String]>([])
        let words: @Sendable (String) -> Void = { line in said.withLock { $0.append(line) } }
        let door = try Door(path, say: words)
        guard case .opened(let token, _) = await door.enter("kana", Self.password, now: { 0 }) else {
            Issue.record("not let in")
            return
        }
        #expect(door.session(token, at: 0)?.user == "kana")
        guard case .refused(isKnown: true) = await door.enter("kana", Array("wrong".utf8), now: { 0 }),
            case .refused(isKnown: false) = await door.enter("sato", Self.password, now: { 0 })
        else {
            Issue.record("let in")
            return
        }
        #expect(try UserFile.change(path, mayBegin: false) { $0.set("sato", password: Self.password) })
        #expect(door.session(token, at: 0) != nil && door.userCount == 2)
        #expect(try UserFile.change(path, mayBegin: false) { $0.remove("kana") })
        #expect(door.session(token, at: 0) == nil)
        guard case .opened(let second, _) = await door.enter("sato", Self.password, now: { 0 }) else {
            Issue.record("not let in")
            return
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(door.session(second, at: 0) == nil)
        #expect(said.withLock { $0.last?.contains("chmod 600") } == true)
    }
}
