public import Access
public import ArgumentParser
internal import ECGSignal
private import Foundation
internal import KeyFolder
internal import Wire
internal import ZeroMQ

/// Keys: who is who on a network.
struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make keys, and say which of them may do what. Research software, not a medical device.",
        discussion: """
            A gateway is enrolled by two commands: generate, where it stands, and authorise, where the daemon stands. \
            Then a running daemon reads its file again: kill -HUP PID.

            EXAMPLES
              shinden keys generate daemon --dir KEYS    the daemon's own key, once
              shinden keys generate icu-1                at the gateway: icu-1.key and icu-1.pub
              shinden keys authorise icu-1 icu-1.pub --keys KEYS --role gateway
              shinden keys list --keys KEYS
              shinden keys revoke icu-1 --keys KEYS

            EXIT CODES
              0 done  1 refused  64 usage  74 not written  78 a file that cannot be used
            """,
        subcommands: [
            KeysGenerate.self, KeysAuthorise.self, KeysRevoke.self, KeysList.self,
        ]
    )

    /// Ends the program with the reason and the documented code.
    static func end(_ command: String, _ error: KeyFolderError) -> ExitCode {
        Output.words("shinden keys \(command): \(error)")
        switch error.kind {
        case .exists: return ExitCode(1)
        case .inputOutput: return Failure.inputOutput
        case .notFound, .refused: return Failure.configuration
        }
    }

    /// Refuses what is no name of a key.
    static func check(name: String) throws {
        guard StreamIdentity.isValidID(name) else {
            throw ValidationError("\(name): a name is 1 to 64 letters, digits, - and _")
        }
    }

    /// Today as `YYYY-MM-DD`, UTC.
    static var today: String {
        String(timestamp(Int64(Date().timeIntervalSince1970 * 1e9)).prefix(10))
    }

    /// What whoever changed the rights has to do for a daemon that runs.
    static let reload = "a running daemon reads it again at SIGHUP: kill -HUP PID"
}

/// `--keys`, the folder of the daemon.
struct KeyFolderOption: ParsableArguments {
    @Option(
        help: "The daemon's folder of keys, as shinden serve --keys has it (default $SHINDEN_KEYS).",
        completion: .directory
    ) var keys: String?

    func folder() throws -> KeyFolder {
        let path = try Environment.value(keys, "KEYS", or: "")
        guard !path.isEmpty else { throw ValidationError("give --keys DIR, the daemon's folder of keys") }
        return KeyFolder(path)
    }
}

/// Draws a key pair.
struct KeysGenerate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Draw a key pair: NAME.key for its owner alone, NAME.pub for everybody.",
        discussion: """
            NAME.key has mode 0600 and stays where it was made. NAME.pub is what the other side needs; its 40 \
            characters can be read aloud, and the 20 digits of the fingerprint tell whether they were heard right. \
            Research software, not a medical device.

            EXAMPLES
              shinden keys generate daemon --dir KEYS
              shinden keys generate icu-1

            EXIT CODES
              0 done  1 a file of that name is there  64 usage  74 not written  78 the folder is refused
            """
    )

    @Argument(help: "What the key is called: 1 to 64 letters, digits, - and _.") var name: String
    @Option(help: "The folder to write to, made where it is not there.", completion: .directory) var dir = "."

    func validate() throws { try Keys.check(name: name) }

    func run() throws {
        do {
            let made = try KeyFile.generate(named: name, in: dir)
            Output.data("public      \(made.pair.publicKey)")
            Output.data("fingerprint \(Fingerprint(of: made.pair.publicKey))")
            Output.words("\(made.secretPath): keep it here, for its owner alone")
            Output.words("\(made.publicPath): give it to the other side")
        } catch let error as KeyFolderError { throw Keys.end("generate", error) }
    }
}

/// Lets a key in.
struct KeysAuthorise: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authorise",
        abstract: "Let a key in, or change what it may do.",
        discussion: """
            --role gateway may send, for every patient and device unless --patients and --devices name them. --role \
            dashboard may read everything unless --read names kinds and --wards the wards. A key that is there already \
            has its rights replaced. Research software, not a medical device.

            EXAMPLES
              shinden keys authorise icu-1 icu-1.pub --keys KEYS --role gateway
              shinden keys authorise icu-1 'PUBLIC KEY' --keys KEYS --role gateway \\
                --patients p0001,p0002 --fingerprint '1234 5678 9012 3456 7890'
              shinden keys authorise desk desk.pub --keys KEYS --role dashboard \\
                --allow acknowledge,pause
              shinden keys authorise wall wall.pub --keys KEYS --role dashboard --read alarm,tech
              shinden keys authorise desk3 desk3.pub --keys KEYS --role dashboard --wards 3

            EXIT CODES
              0 done  1 the fingerprint is another, or the name is taken  64 usage
              74 not written  78 a file that cannot be used
            """
    )

    @Argument(help: "What the key is called.") var name: String
    @Argument(help: "The public key, in quotes, or a file with it.", completion: .file(extensions: ["pub"]))
    var key: String
    @OptionGroup var folder: KeyFolderOption
    @Option(help: "gateway or dashboard.") var role: AuthorisedKey.Role
    @Option(help: "The patients for whom it may send: p1,p2 (default: all, for a gateway).") var patients:
        String?
    @Option(help: "The devices by which it may send: d1,d2 (default: all, for a gateway).") var devices:
        String?
    @Option(
        help:
            "What it may read, of diagnosis, alarm, vitals, quality, tech, waves, roster (default: all, for a dashboard)."
    ) var read: String?
    @Option(help: "The wards of which it may read that: 3,4 (default: every one).") var wards: String?
    @Option(help: "What it may ask for, of acknowledge, pause, manage (standby, baseline, discharge).")
    var allow: String?
    @Flag(help: "It may name the user who is logged in at it.") var actsFor = false
    @Option(help: "The fingerprint that was read to you: the key is refused where it has another.")
    var fingerprint: String?

    func validate() throws {
        try Keys.check(name: name)
        guard fingerprint.map({ Fingerprint($0) != nil }) ?? true else {
            throw ValidationError("--fingerprint \(fingerprint ?? ""): 20 digits")
        }
        _ = try rights(of: "")
    }

    func run() throws {
        do {
            let folder = try folder.folder()
            let publicKey = try KeyFile.publicKey(key)
            let seen = Fingerprint(of: publicKey)
            if let told = fingerprint.flatMap({ Fingerprint($0) }), told != seen {
                Output.words(
                    "shinden keys authorise: the key's fingerprint is \(seen), not \(told): it is another key, or was "
                        + "heard wrong"
                )
                throw ExitCode(1)
            }
            var keys = try folder.authorisedSoFar()?.keys ?? []
            var row = try rights(of: publicKey.text)
            if let place = keys.firstIndex(where: { $0.name == name }) {
                guard keys[place].publicKey == publicKey.text, keys[place].revoked == nil else {
                    let why = keys[place].revoked.map { "was revoked on \($0)" } ?? "has another key"
                    Output.words("shinden keys authorise: \(name) \(why); take another name")
                    throw ExitCode(1)
                }
                row.since = keys[place].since
                keys[place] = row
            } else {
                keys.append(row)
            }
            let isNew = try folder.authorise(keys)
            Output.data("\(name)  \(role.rawValue)  fingerprint \(seen)")
            if isNew {
                Output.words(
                    "\(folder.path): was not there, so a new folder was made in which this key stands alone; where the name is "
                        + "mistyped, a daemon does not read it: remove it, and give the daemon's own folder"
                )
            }
            Output.words(Keys.reload)
        } catch let error as KeyFolderError { throw Keys.end("authorise", error) }
    }

    private func rights(of publicKey: String) throws -> AuthorisedKey {
        var row = AuthorisedKey(name: name, publicKey: publicKey, role: role, since: Keys.today)
        if role == .gateway || patients != nil || devices != nil {
            row.publish = AuthorisedKey.Publication(
                patients: try selection(patients, "patients"),
                devices: try selection(devices, "devices")
            )
        }
        var reads: Set<AuthorisedKey.Reading> = []
        if let read {
            reads = try words(read, "read")
        } else if role == .dashboard || wards != nil {
            reads = Set(AuthorisedKey.Reading.allCases)
        }
        switch try selection(wards, "wards") {
        case .all: row.reads = reads
        case .only(let wards): for ward in wards { row.readsByWard[ward] = reads }
        }
        if let allow { row.actions = try words(allow, "allow") }
        row.actsFor = actsFor
        return row
    }

    private func selection(_ text: String?, _ option: String) throws -> AuthorisedKey.Selection {
        guard let text, text != "all" else { return .all }
        let ids = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard ids.allSatisfy({ StreamIdentity.isValidID($0) }) else {
            throw ValidationError("--\(option) \(text): all, or ids of 1 to 64 letters, digits, - and _")
        }
        return .only(Set(ids))
    }

    private func words<Word: RawRepresentable<String> & CaseIterable & Hashable>(
        _ text: String,
        _ option: String
    ) throws -> Set<Word> {
        if text == "all" { return Set(Word.allCases) }
        let words = text.split(separator: ",", omittingEmptySubsequences: false).map {
            Word(rawValue: String($0))
        }
        guard !words.contains(nil) else {
            let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--\(option) \(text): all, or words of \(known)")
        }
        return Set(words.compactMap(\.self))
    }
}

extension AuthorisedKey.Role: ExpressibleByArgument {}

/// Ends a key for good.
struct KeysRevoke: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "End a key for good: its name stays in the list, and nobody comes in by it.",
        discussion: """
            A running daemon cuts it off at its next SIGHUP. Research software, not a medical device.

            EXAMPLES
              shinden keys revoke icu-1 --keys KEYS

            EXIT CODES
              0 done, or done before  1 no key of that name  64 usage  74 not written
              78 a file that cannot be used
            """
    )

    @Argument(help: "What the key is called.") var name: String
    @OptionGroup var folder: KeyFolderOption

    func run() throws {
        do {
            let folder = try folder.folder()
            var keys = try folder.authorised().table.keys
            guard let place = keys.firstIndex(where: { $0.name == name }) else {
                Output.words("shinden keys revoke: no key is named \(name); shinden keys list tells all")
                throw ExitCode(1)
            }
            if keys[place].revoked == nil {
                keys[place].revoked = Keys.today
                try folder.authorise(keys)
            }
            Output.data("\(name)  revoked \(keys[place].revoked ?? "")")
            Output.words(Keys.reload)
        } catch let error as KeyFolderError { throw Keys.end("revoke", error) }
    }
}

/// Every key with what it may do.
struct KeysList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the daemon's own key and every authorised one with its rights.",
        discussion: """
            Research software, not a medical device.

            EXAMPLES
              shinden keys list --keys KEYS
              shinden keys list --keys KEYS --json

            EXIT CODES
              0 done  64 usage  78 a file that cannot be used
            """
    )

    @OptionGroup var folder: KeyFolderOption
    @Flag(help: "Print the facts as JSON, one object a line.") var json = false

    func run() throws {
        do {
            let folder = try folder.folder()
            let own = try folder.daemonPair().publicKey
            let keys = try folder.authorisedSoFar()?.keys ?? []
            if json {
                Output.data(JSONValue.object(KeysPage.object(ofDaemon: own)).canonicalText)
                for key in keys { Output.data(JSONValue.object(KeysPage.object(of: key)).canonicalText) }
            } else {
                for line in KeysPage.lines(ofDaemon: own, keys) { Output.page(line) }
            }
        } catch let error as KeyFolderError { throw Keys.end("list", error) }
    }
}
