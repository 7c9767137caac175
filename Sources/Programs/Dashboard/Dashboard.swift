private import Dispatch
internal import FlyingFox
internal import FlyingSocks
private import Glibc
private import Synchronization
internal import Threads
public import ZeroMQ

/// The dashboard: reads daemons as any program on the wire does, and serves browsers on this machine.
///
/// What people do goes back to the daemons by their control sockets, with the name of who did it.
///
///     daemon -> EventReader, WaveReader, ControlAsker -> Board -> TabCursor -> one line of events a tab -> browser
///
/// It is a process of its own, so that no parser that faces browsers is in a daemon, and a slow browser reaches none.
public final class Dashboard: Sendable {
    /// The address that browsers are served at.
    public struct Address: Sendable, Equatable {
        /// An address of loopback: 127.0.0.0/8 or ::1.
        public let host: String
        /// 0 takes any free port.
        public let port: UInt16

        /// Reads `127.0.0.1:7280` or `[::1]:7280`; nil where the text is none, or no address of loopback.
        public init?(_ text: String) {
            guard let endpoint = try? Endpoint("tcp://\(text)"), endpoint.isLocal,
                case .tcp(let host, let port) = endpoint.transport
            else { return nil }
            self.host = host == "localhost" ? "127.0.0.1" : host
            self.port = port ?? 0
        }

        /// The host as it stands in an address of a page.
        var name: String { host.contains(":") ? "[\(host)]" : host }
    }

    /// Where a proxy with TLS shows the pages to other machines.
    public struct Front: Sendable, Equatable {
        /// As browsers name it in the header Origin: `https://ward.example.org`.
        public let origin: String
        /// As they name it in the header Host: `ward.example.org`, with the port where it is not 443.
        let host: String

        /// Reads `https://NAME` or `https://NAME:PORT`; nil where the text is anything else.
        public init?(_ text: String) {
            guard
                let match = text.wholeMatch(
                    of: /https:\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::([0-9]{1,5}))?\/?/
                )
            else {
                return nil
            }
            var host = String(match.output.1)
            if let port = match.output.2 {
                guard let number = UInt16(port), number > 0 else { return nil }
                if number != 443 { host += ":\(number)" }
            }
            self.host = host
            origin = "https://\(host)"
        }
    }

    /// A daemon that is read.
    public struct Daemon: Sendable {
        let events: Endpoint
        let control: Endpoint
        let security: Security

        /// A daemon by its two endpoints, and what sockets to them prove.
        public init(events: Endpoint, control: Endpoint, security: Security = .none) {
            self.events = events
            self.control = control
            self.security = security
        }
    }

    /// Why it did not start: what, where, what to do.
    public enum StartFailure: Error, CustomStringConvertible {
        /// The address is taken or cannot be opened.
        case unavailable(String)
        /// The file of users cannot be used.
        case users(String)

        /// What, where, what to do.
        public var description: String {
            switch self {
            case .unavailable(let text), .users(let text): text
            }
        }
    }

    /// Who may see and do what.
    public struct People: Sendable {
        /// The file of users; nil lets everybody on this machine look, and nobody change anything.
        public let file: String?
        /// Whether patients stand in the log as they are, not as hashes.
        public let namesPatients: Bool
        /// Where a proxy shows the pages to other machines; nil where none does.
        public let front: Front?

        /// Makes what the pages go by.
        public init(file: String?, namesPatients: Bool, front: Front? = nil) {
            (self.file, self.namesPatients, self.front) = (file, namesPatients, front)
        }
    }

    private let hub: Hub
    private let threads: [WorkerThread]
    private let server: HTTPServer
    private let running: Task<Void, any Error>
    /// The address of the page.
    public let address: String
    /// How many people may log in; nil without a file of users.
    public let userCount: Int?

    /// Starts everything; browsers are served when it returns.
    ///
    /// `say` is told what an operator should know.
    public init(
        daemons: [Daemon],
        at wanted: Address,
        people: People,
        say: @escaping @Sendable (String) -> Void
    ) throws {
        guard people.front == nil || people.file != nil else {
            throw StartFailure.users("other machines may not look without logging in: give a file of users")
        }
        let door = try Dashboard.door(people, say)
        userCount = door?.userCount
        let hub = try Hub(sources: daemons.map { ($0.events.text, $0.control.text) })
        self.hub = hub
        let names = Answers.Names(behind: people.front)
        let answers = Answers(
            hub: hub,
            names: names,
            door: door,
            desk: CommandDesk(daemons),
            audit: Audit(namesPatients: people.namesPatients, say: say)
        )
        let listening = try Dashboard.listen(wanted, answers)
        names.set(
            Set([wanted.name, "localhost", "127.0.0.1", "[::1]"].map { "\($0):\(listening.port)" }),
            port: listening.port
        )
        server = listening.server
        running = listening.running
        address = "http://\(wanted.name):\(listening.port)/"
        var threads: [WorkerThread] = []
        for (number, daemon) in daemons.enumerated() {
            threads += try SourceThreads(
                number: number,
                daemon: daemon,
                hub: hub,
                say: say
            ).start()
        }
        self.threads = threads
    }

    private static func door(_ people: People, _ say: @escaping @Sendable (String) -> Void) throws -> Door? {
        guard let file = people.file else { return nil }
        do throws(UserFile.Failure) { return try Door(file, say: say) } catch {
            throw StartFailure.users(error.description)
        }
    }

    /// Ends it: the tabs are told, the threads joined.
    public func stop() {
        hub.stop()
        for thread in threads { thread.join() }
        let server = server
        Dashboard.wait { await server.stop(timeout: 1) }
        running.cancel()
    }

    // MARK: the server

    private static func listen(
        _ address: Address,
        _ answers: Answers
    ) throws -> (server: HTTPServer, running: Task<Void, any Error>, port: UInt16) {
        let quiet: DisabledLogger = .disabled
        let server: HTTPServer
        if address.host.contains(":") {
            let place = try sockaddr_in6.inet6(ip6: address.host, port: address.port)
            server = HTTPServer(address: place, logger: quiet, handler: answers)
        } else {
            let place = try sockaddr_in.inet(ip4: address.host, port: address.port)
            server = HTTPServer(address: place, logger: quiet, handler: answers)
        }
        let running = Task { try await server.run() }
        let bound = Mutex<UInt16?>(nil)
        wait {
            try? await server.waitUntilListening(timeout: 3)
            switch await server.listeningAddress {
            case .ip4(_, let port), .ip6(_, let port): bound.withLock { $0 = port }
            default: break
            }
        }
        guard let port = bound.withLock({ $0 }) else {
            running.cancel()
            throw StartFailure.unavailable(
                "http://\(address.name):\(address.port)/ cannot be opened; stop what holds it, or choose another by --http"
            )
        }
        return (server, running, port)
    }

    /// Runs a task and waits for its end on a thread that is none of the tasks' own.
    private static func wait(_ body: @escaping @Sendable () async -> Void) {
        let done = DispatchSemaphore(value: 0)
        Task {
            await body()
            done.signal()
        }
        done.wait()
    }
}
