internal import ArgumentParser
internal import Dashboard

/// The file of those who may log in, for the dashboard and for the commands that keep it.
struct UsersOption: ParsableArguments {
    @Option(
        help: "The file of those who may log in (default: without it, nobody may change anything).",
        completion: .file()
    ) var users: String?

    /// The path; nil where none is given.
    func path() throws -> String? {
        let path = try Environment.value(users, "USERS", or: "")
        return path.isEmpty ? nil : path
    }

    /// Does something with the file; ends the program with the reason where that fails.
    func attempt<Answer>(_ body: (String) throws(UserFile.Failure) -> Answer) throws -> Answer {
        guard let path = try path() else { throw ValidationError("give --users FILE") }
        do throws(UserFile.Failure) { return try body(path) } catch {
            Output.words("shinden dashboard users: \(error)")
            switch error.kind {
            case .notFound: throw Failure.noInput
            case .refused: throw Failure.configuration
            case .inputOutput: throw Failure.inputOutput
            }
        }
    }
}

/// Keeps the file of those who may log in at the dashboard.
struct DashboardUsers: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users",
        abstract: "Keep the file of those who may log in at the dashboard.",
        discussion: """
            The file holds hashes of passwords (Argon2id), and its owner alone may read it (mode 0600). A running dashboard \
            reads it again when it changes: who is taken out, or has another password, is logged out. A right is look, answer \
            (acknowledge and pause too) or manage (set standby, baselines and limits, and discharge too). Research \
            software, not a medical device.

            EXAMPLES
              shinden dashboard users add kana --users users
              shinden dashboard users add sato --right manage --users users
              shinden dashboard users list --users users
              shinden dashboard users remove kana --users users

            EXIT CODES
              0 done  1 nobody has that name  64 usage  66 no such file  74 cannot be read or written
              78 the file is refused
            """,
        subcommands: [Add.self, Remove.self, List.self]
    )

    /// Adds somebody.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a user, or give one another password and right.",
            discussion: """
                The password has 8 to 1,024 bytes. It is asked for twice on a terminal, else it is the first line of stdin. \
                Research software, not a medical device.

                EXAMPLES
                  shinden dashboard users add kana --users users
                  pwgen 16 1 | tee kana.txt | shinden dashboard users add kana --users users

                EXIT CODES
                  0 done  64 usage  65 no password of that length, or two that differ
                  74 cannot be written  78 the file is refused
                """
        )

        @Argument(help: "The name: 1 to 64 letters, digits, ., - and _.") var name: String
        @Option(help: "What they may do: look, answer or manage (default answer).") var right: String =
            "answer"
        @OptionGroup var file: UsersOption

        func validate() throws {
            guard UserFile.isName(name) else {
                throw ValidationError("\(name): a name has 1 to 64 letters, digits, ., - and _")
            }
            guard UserFile.Right(rawValue: right) != nil else {
                throw ValidationError("\(right): a right is look, answer or manage")
            }
        }

        func run() throws {
            let right = UserFile.Right(rawValue: right) ?? .look
            guard let password = Password.ask(), UserFile.passwordBytes.contains(password.count) else {
                Output.words(
                    "shinden dashboard users add: no password of 8 to 1,024 bytes was given, or two that differ"
                )
                throw Failure.data
            }
            let isThere = try file.attempt { path throws(UserFile.Failure) in
                try UserFile.change(path, mayBegin: true) { $0.set(name, password: password, right: right) }
            }
            guard isThere else {
                Output.words(
                    "shinden dashboard users add: no more than \(UserFile.usersMax) users, and 64 MiB of memory to hash a password"
                )
                throw Failure.inputOutput
            }
            Output.words("\(name) may log in, with the right \(right.rawValue)")
        }
    }

    /// Takes somebody out.
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a user out; a running dashboard logs them out.",
            discussion: """
                Research software, not a medical device.

                EXAMPLES
                  shinden dashboard users remove kana --users users

                EXIT CODES
                  0 done  1 nobody has that name  64 usage  66 no such file
                  74 cannot be read or written  78 the file is refused
                """
        )

        @Argument(help: "The name.") var name: String
        @OptionGroup var file: UsersOption

        func run() throws {
            let wasThere = try file.attempt { path throws(UserFile.Failure) in
                try UserFile.change(path, mayBegin: false) { $0.remove(name) }
            }
            guard wasThere else {
                Output.words("shinden dashboard users remove: nobody is called \(name)")
                throw ExitCode.failure
            }
            Output.words("\(name) may not log in any more")
        }
    }

    /// Lists them.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List those who may log in, a name and a right on each line.",
            discussion: """
                Research software, not a medical device.

                EXAMPLES
                  shinden dashboard users list --users users

                EXIT CODES
                  0 done  64 usage  66 no such file  74 cannot be read  78 the file is refused
                """
        )

        @OptionGroup var file: UsersOption

        func run() throws {
            let users = try file.attempt { path throws(UserFile.Failure) in try UserFile(reading: path) }
            for name in users.names {
                Output.data("\(name)\t\(users.right(of: name)?.rawValue ?? "")")
            }
        }
    }
}
