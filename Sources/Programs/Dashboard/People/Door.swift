private import Digest
private import Dispatch
private import Synchronization

/// The door for people: reads the file of users, tries passwords, and knows who is logged in.
///
/// The file is read again whenever it changes, so a person who is taken out of it is out at once. Where it cannot be read any
/// more, nobody is in.
final class Door: Sendable {
    /// What a try to log in comes to.
    enum Entry: Sendable {
        case opened(token: String, Sessions.Session)
        /// The name or the password is wrong; whether somebody has that name.
        case refused(isKnown: Bool)
        /// Too often; seconds after which to try again.
        case wait(seconds: Int64)
    }

    private struct State: Sendable {
        var people: [String: UserFile.Person]
        var stamp: [Int]?
        var sessions = Sessions()
        var tries = LoginGuard()
    }

    private let path: String
    private let state: Mutex<State>
    private let say: @Sendable (String) -> Void
    /// A hash of nothing that anybody knows, which names that are not there are tried against: the time tells nothing.
    private let nobody: String
    /// One password is tried at a time, on a thread that serves no browser.
    private let queue = DispatchQueue(label: "passwords")

    /// A door by a file of users.
    init(_ path: String, say: @escaping @Sendable (String) -> Void) throws(UserFile.Failure) {
        let stamp = UserFile.stamp(of: path)
        let users = try UserFile(reading: path)
        var generator = SystemRandomNumberGenerator()
        let secret = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        guard let nobody = PasswordHash.text(of: secret) else {
            throw UserFile.Failure(kind: .inputOutput, description: "there is no memory to try passwords")
        }
        self.path = path
        self.say = say
        self.nobody = nobody
        state = Mutex(State(people: users.people, stamp: stamp))
    }

    /// How many people may log in.
    var userCount: Int { state.withLock { $0.people.count } }

    /// What somebody of that name may do now; nobody may do anything.
    func right(of name: String) -> UserFile.Right { state.withLock { $0.people[name]?.right ?? .look } }

    /// The session of a token at that time; nil where there is none.
    func session(_ token: String?, at now: Int64) -> Sessions.Session? {
        guard let token else { return nil }
        refresh()
        return state.withLock { $0.sessions.session(token, at: now) }
    }

    /// Ends the session of a token.
    func leave(_ token: String) { state.withLock { $0.sessions.end(token) } }

    /// Tries a password; `now` is asked for again once it was tried.
    func enter(_ name: String, _ password: [UInt8], now: @escaping @Sendable () -> Int64) async -> Entry {
        refresh()
        let began = now()
        let wait = state.withLock { $0.tries.tryOnce(name, at: began) }
        guard wait == 0 else { return .wait(seconds: (wait + 999) / 1_000) }
        let hash = state.withLock { $0.people[name]?.hash }
        let isRight = await withCheckedContinuation { continuation in
            queue.async { [nobody] in
                let isRight = PasswordHash.verify(password, against: hash ?? nobody)
                continuation.resume(returning: isRight && hash != nil)
            }
        }
        let end = now()
        return state.withLock { state in
            // The person may have been taken out meanwhile.
            guard isRight, let hash, state.people[name]?.hash == hash else {
                state.tries.failed(name, at: end)
                return .refused(isKnown: hash != nil)
            }
            state.tries.succeeded(name)
            let token = state.sessions.begin(name, hash: hash, at: end)
            guard let session = state.sessions.session(token, at: end) else {
                return .refused(isKnown: true)
            }
            return .opened(token: token, session)
        }
    }

    /// Reads the file again where it has changed.
    private func refresh() {
        let stamp = UserFile.stamp(of: path)
        let trouble: String? = state.withLock { state in
            guard stamp != state.stamp else { return nil }
            state.stamp = stamp
            var trouble: String?
            do throws(UserFile.Failure) { state.people = try UserFile(reading: path).people } catch {
                state.people = [:]
                trouble = "\(error); until then nobody is logged in"
            }
            state.sessions.keep(state.people.mapValues(\.hash))
            return trouble
        }
        if let trouble { say(trouble) }
    }
}
