import Foundation
import TestSupport
import Testing

/// `make install` and `make uninstall`, run for real into a folder of their own.
@Suite struct InstallTests {
    private func make(_ target: String, _ prefix: String) throws -> Run {
        try Program(
            ["-c", "make --no-print-directory \"$0\" PREFIX=\"$1\"", target, prefix],
            environment: ["SHINDEN": Program.path],
            executable: "/bin/bash"
        ).finished()
    }

    private func tree(_ path: String) -> [String] {
        (FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []).sorted()
    }

    @Test func `installed, the program runs in any folder; uninstalled, nothing of it is left`() throws {
        let scratch = try ScratchFolder()
        let prefix = scratch.path + "/prefix"
        // What was there before stays.
        try scratch.write("mine", to: "prefix/share/doc/other/README")
        let before = tree(prefix)
        let installed = try make("install", prefix)
        #expect(installed.code == 0, "\(installed.words)")
        for file in [
            "bin/shinden", "share/shinden/models/default/model.json",
            "share/bash-completion/completions/shinden",
            "share/zsh/site-functions/_shinden", "share/fish/vendor_completions.d/shinden.fish",
            "lib/systemd/system/shinden.service", "share/doc/shinden/THIRD_PARTY.md",
        ] {
            #expect(FileManager.default.fileExists(atPath: "\(prefix)/\(file)"), "\(file)")
        }
        let unit = try String(contentsOfFile: "\(prefix)/lib/systemd/system/shinden.service", encoding: .utf8)
        #expect(unit.contains("ExecStart=\(prefix)/bin/shinden serve") && !unit.contains("@PREFIX@"))

        let elsewhere = try Program(
            [
                "-c", "cd / && \"$0\" classify \"$1\" --summary", "\(prefix)/bin/shinden",
                fixture("ptbxl/00017_hr"),
            ],
            executable: "/bin/bash"
        ).finished()
        #expect(elsewhere.code == 0 && elsewhere.lines.count == 1, "\(elsewhere.words)")
        let config = try Program(
            ["-c", "cd / && \"$0\" serve --print-config", "\(prefix)/bin/shinden"],
            executable: "/bin/bash"
        ).finished()
        #expect(config.output.contains("\(prefix)/share/shinden/models/default"))

        // Again, as an update does.
        #expect(try make("install", prefix).code == 0)
        let removed = try make("uninstall", prefix)
        #expect(removed.code == 0, "\(removed.words)")
        #expect(tree(prefix) == before)
        #expect(try make("uninstall", prefix).code != 0, "there is nothing to take away")
    }

    private static let analyser = "/usr/bin/systemd-analyze"

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: analyser),
            "systemd-analyze is not installed"
        )
    )
    func `the systemd unit is one that systemd accepts, and exposes little`() throws {
        let scratch = try ScratchFolder()
        let unit = try String(contentsOfFile: Repository.root + "/Scripts/shinden.service", encoding: .utf8)
        try scratch.write(unit.replacingOccurrences(of: "@PREFIX@", with: "/usr"), to: "shinden.service")
        let path = scratch.path + "/shinden.service"
        let found = try Program(["security", "--offline=true", path], executable: Self.analyser).finished()
        let line = try #require(found.output.split(separator: "\n").last { $0.contains("Overall exposure") })
        let level = try #require(line.split(separator: " ").compactMap { Double($0) }.first)
        #expect(level > 0 && level <= 1.5, "\(line)")
        // Without the last of them libzmq ends the daemon at its start.
        for key in [
            "Type=notify", "WatchdogSec=", "ExecReload=", "MemoryMax=", "StateDirectory=",
            "SystemCallFilter=sched_setscheduler",
        ] {
            #expect(unit.contains("\n\(key)"), "\(key)")
        }
    }

    @Test func `a relative prefix is refused`() throws {
        let run = try make("install", "somewhere")
        #expect(run.code != 0 && run.words.contains("PREFIX \"somewhere\" is not an absolute path"))
    }

    @Test(arguments: [
        (["watch", "--kind", ""], "diagnosis"), (["replay", "--encoding", ""], "delta"),
        (["replay", "--speed", ""], "max"),
        (["classify", "Fixtures/cases/b"], "Fixtures/cases/bp.hea"),
        (["inspect", "Fixtures/cases/b"], "Fixtures/cases/bp.hea"),
        (["serve", "--log-level", ""], "warning"), (["classify", "--sum"], "--summary"),
    ]) func `bash completes files and values`(words: [String], wanted: String) throws {
        let script = """
            eval "$("$0" --generate-completion-script bash)"
            COMP_WORDS=(shinden "$@"); COMP_CWORD=$#; COMP_LINE="shinden $*"; COMP_POINT=${#COMP_LINE}
            COMPREPLY=()
            _shinden shinden "${COMP_WORDS[$COMP_CWORD]}" "${COMP_WORDS[$((COMP_CWORD - 1))]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let run = try Program(["-c", script, Program.path] + words, executable: "/bin/bash").finished()
        #expect(run.lines.map(String.init).contains(wanted), "\(run.output) \(run.words)")
    }

    @Test(
        .enabled(if: Self.isInstalled("fish")),
        arguments: [
            ("watch --kind ", "diagnosis"), ("replay --encoding ", "delta"), ("replay --speed ", "max"),
            ("classify Fixtures/cases/b", "Fixtures/cases/bp.hea"), ("labels list --use ", "unvalidated"),
            ("inspect Fixtures/cases/b", "Fixtures/cases/bp.hea"), ("serve --log-level ", "warning"),
            ("serve --model Mod", "Models/"), ("classify --sum", "--summary"),
        ]
    ) func `fish completes files and values`(line: String, wanted: String) throws {
        let script = "$argv[1] --generate-completion-script fish | source; complete -C \"shinden $argv[2]\""
        let run = try Program(["-c", script, Program.path, line], executable: "/usr/bin/fish").finished()
        // A candidate stands before its explanation.
        let candidates = run.lines.map { $0.prefix { $0 != "\t" } }
        #expect(candidates.contains { $0 == wanted }, "\(run.output) \(run.words)")
    }

    @Test(
        .enabled(if: Self.isInstalled("zsh")),
        arguments: [
            ("watch --kind diag", "diagnosis"), ("replay --encoding del", "delta"),
            ("classify Fixtures/cases/b", "Fixtures/cases/bp.hea"), ("labels list --use unv", "unvalidated"),
            ("serve --log-level warn", "warning"), ("serve --model Mod", "Models"),
            ("classify --sum", "--summary"),
        ]
    ) func `zsh completes files and values`(line: String, wanted: String) throws {
        // A completion needs a line editor and so a terminal: a second zsh has one, and is typed to.
        let script = """
            zmodload zsh/zpty
            folder=$(mktemp -d)
            "$1" --generate-completion-script zsh > $folder/_shinden
            zpty inner zsh -f -i
            zpty -w inner "stty -echo; fpath=($folder \\$fpath); autoload -Uz compinit; compinit -u -D; print R''EADY"
            zpty -r inner text '*READY*'
            zpty -w -n inner "shinden $2"$'\t'
            zpty -r inner text "*$3*" && print -r -- "$3"
            zpty -d inner
            rm -r $folder
            """
        let run = try Program(
            ["20", "zsh", "-f", "-c", script, "zsh", Program.path, line, wanted],
            executable: "/usr/bin/timeout"
        ).finished()
        #expect(run.lines.map(String.init).contains(wanted), "\(run.output) \(run.words)")
    }

    private static func isInstalled(_ shell: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\(shell)")
    }
}
