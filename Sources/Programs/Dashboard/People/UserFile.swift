private import Digest
private import Glibc
private import Wire

/// The people who may log in, as a text file that its owner alone may read.
///
///     shinden users 1
///     NAME HASH RIGHT
///
/// A line a person: 1 to 64 letters, digits, `.`, `-` and `_`, a space, libsodium's text of an Argon2id hash, a space, and
/// `look`, `answer` or `manage`; a line that ends with its hash has `answer`. The file is refused whole where a line is anything else, or where others than its owner may read or write it.
public struct UserFile: Sendable, Equatable {
    /// Why a file cannot be used: what, where, what to do.
    public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// What kind of failure it is.
        public enum Kind: Sendable {
            /// There is no such file.
            case notFound
            /// It is there and may not be used, or holds what it may not.
            case refused
            /// It could not be read or written.
            case inputOutput
        }

        /// What kind of failure it is.
        public let kind: Kind
        /// What, where, what to do.
        public let description: String
    }

    /// What a person may do; each may what the one before it may.
    public enum Right: String, Sendable, CaseIterable, Comparable {
        /// The person may see the pages.
        case look
        /// Acknowledge alarms and pause signals too.
        case answer
        /// Set standby, baselines and limits of a patient too, and discharge one.
        case manage

        /// Whether the left may less than the right.
        public static func < (left: Right, right: Right) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    /// What stands of a person.
    struct Person: Sendable, Equatable {
        /// The hash of the password.
        let hash: String
        let right: Right
    }

    /// The bytes that a password may have.
    public static let passwordBytes = 8...1_024
    /// People at most.
    public static let usersMax = 1_000

    private static let head = "shinden users 1"
    private static let bytesMax = 1 << 20

    /// The people by their names.
    private(set) var people: [String: Person] = [:]

    /// A file without people.
    public init() {}

    /// The names in their order.
    public var names: [String] { people.keys.sorted() }

    /// What somebody of that name may do; nil where there is nobody.
    public func right(of name: String) -> Right? { people[name]?.right }

    /// Whether a text may name a person, here and at a daemon.
    public static func isName(_ text: String) -> Bool { ControlRequest.isPerson(text) }

    /// Adds a person, or gives one another password and right.
    ///
    /// Returns false where there are too many people or no memory for the hash; nothing has changed then.
    public mutating func set(_ name: String, password: [UInt8], right: Right = .answer) -> Bool {
        precondition(UserFile.isName(name) && UserFile.passwordBytes.contains(password.count))
        guard people[name] != nil || people.count < UserFile.usersMax,
            let hash = PasswordHash.text(of: password)
        else { return false }
        people[name] = Person(hash: hash, right: right)
        return true
    }

    /// Takes a person out; false where there is none of that name.
    public mutating func remove(_ name: String) -> Bool { people.removeValue(forKey: name) != nil }

    // MARK: the file

    /// Reads a file.
    public init(reading path: String) throws(Failure) {
        // Safe: the text outlives the call.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw UserFile.failure(path, of: errno) }
        defer { _ = close(file) }
        var facts = stat()
        // Safe: the call writes into one local value.
        guard unsafe fstat(file, &facts) == 0 else { throw UserFile.failure(path, of: errno) }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw Failure(kind: .refused, description: "\(path) is no regular file; name another")
        }
        let mode = facts.st_mode & 0o777
        guard mode & 0o077 == 0 else {
            throw Failure(
                kind: .refused,
                description:
                    "\(path) has the mode 0\(String(mode, radix: 8)): others than its owner may use it; chmod 600 it"
            )
        }
        try self.init(parsing: try UserFile.bytes(of: file, path), from: path)
    }

    /// Reads what a file holds.
    init(parsing bytes: [UInt8], from path: String) throws(Failure) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard let first = lines.first, first.elementsEqual(UserFile.head.utf8), lines.last?.isEmpty == true
        else {
            throw Failure(
                kind: .refused,
                description: "\(path) is no file of users: its first line is not \"\(UserFile.head)\""
            )
        }
        for (place, line) in lines.enumerated().dropFirst().dropLast() {
            let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            guard (2...3).contains(parts.count), UserFile.isName(parts[0]), PasswordHash.isHash(parts[1]),
                let right = parts.count == 2 ? .answer : Right(rawValue: parts[2]),
                people[parts[0]] == nil, people.count < UserFile.usersMax
            else {
                throw Failure(
                    kind: .refused,
                    description:
                        "\(path), line \(place + 1) is no user with a hash of a password; take it out"
                )
            }
            people[parts[0]] = Person(hash: parts[1], right: right)
        }
    }

    /// The file's bytes.
    var bytes: [UInt8] {
        let lines = people.sorted { $0.key < $1.key }
            .map { "\($0.key) \($0.value.hash) \($0.value.right.rawValue)" }
        return Array(([UserFile.head] + lines).map { $0 + "\n" }.joined().utf8)
    }

    /// Reads a file, or begins one, lets it be changed, and puts what came of it in its place, whole or not at all.
    ///
    /// One at a time does that: it holds `PATH.new` meanwhile.
    public static func change<Answer>(
        _ path: String,
        mayBegin: Bool,
        _ body: (inout UserFile) -> Answer
    ) throws(Failure) -> Answer {
        let fresh = path + ".new"
        // Safe: the text outlives the call.
        let file = unsafe open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            guard errno == EEXIST else { throw failure(path, of: errno) }
            throw Failure(
                kind: .inputOutput,
                description: "\(path) is being changed; where nobody does, remove \(fresh)"
            )
        }
        var isInPlace = false
        defer {
            _ = close(file)
            // Safe: the text outlives the call.
            if !isInPlace { _ = unsafe unlink(fresh) }
        }
        var users = UserFile()
        do throws(Failure) { users = try UserFile(reading: path) } catch {
            guard error.kind == .notFound, mayBegin else { throw error }
        }
        let answer = body(&users)
        try write(users.bytes, to: file, path)
        // Safe: both texts outlive the call.
        guard unsafe rename(fresh, path) == 0 else { throw failure(path, of: errno) }
        isInPlace = true
        return answer
    }

    private static func bytes(of file: Int32, _ path: String) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            // Safe: the array outlives the call, which writes at most `part.count` bytes into it.
            let count = unsafe read(file, &part, part.count)
            if count == 0 { return bytes }
            guard count > 0 else { throw failure(path, of: errno) }
            bytes += part.prefix(count)
            guard bytes.count <= bytesMax else {
                throw Failure(kind: .refused, description: "\(path) has more than \(bytesMax) bytes")
            }
        }
    }

    private static func write(_ bytes: [UInt8], to file: Int32, _ path: String) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // Safe: the slice outlives the call, which reads `count` bytes of it.
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw failure(path, of: errno) }
            rest = rest.dropFirst(count)
        }
        guard fsync(file) == 0 else { throw failure(path, of: errno) }
    }

    private static func failure(_ path: String, of number: Int32) -> Failure {
        number == ENOENT
            ? Failure(
                kind: .notFound,
                description:
                    "\(path) is not there; shinden dashboard users add NAME --users \(path) begins it"
            )
            : Failure(
                kind: .inputOutput,
                description:
                    "\(path) cannot be read or written (errno \(number)); check its permissions and its folder's"
            )
    }

    /// What tells one state of a file from the next: size, number, time of change; nil where it is not there.
    static func stamp(of path: String) -> [Int]? {
        var facts = stat()
        // Safe: the call reads the text and writes into one local value.
        guard unsafe stat(path, &facts) == 0 else { return nil }
        return [
            Int(facts.st_size), Int(facts.st_ino), facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec,
            facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec,
        ]
    }
}
