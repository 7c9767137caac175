import Foundation
import TestSupport
import Testing
import Wire

/// P20: the service manager is told that the daemon is ready, that it ends, and that it lives only while data go all the way.
@Suite struct LifeTests {
    /// Plays systemd's socket: prints what it is told, a datagram a line.
    private static let manager = """
        import socket, sys
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind(sys.argv[1].replace("@", "\\0", 1) if sys.argv[1][0] == "@" else sys.argv[1])
        print("listening", flush=True)
        while True:
            print(s.recv(4096).decode().replace("\\n", " "), flush=True)
        """

    /// Stops one thread of a process, as a debugger does, until a line comes.
    private static let holder = """
        import ctypes, os, sys
        libc = ctypes.CDLL(None, use_errno=True)
        libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        tasks = f"/proc/{sys.argv[1]}/task"
        named = [t for t in os.listdir(tasks) if open(f"{tasks}/{t}/comm").read().strip() == sys.argv[2]]
        if len(named) != 1: sys.exit(f"{len(named)} threads are named {sys.argv[2]}")
        thread = int(named[0])
        if libc.ptrace(0x4206, thread, None, None): print("refused", flush=True); sys.exit()
        libc.ptrace(0x4207, thread, None, None)
        os.waitpid(thread, 0x40000000)
        print("held", flush=True)
        open(sys.argv[3]).read()
        libc.ptrace(17, thread, None, None)
        print("let go", flush=True)
        """

    private func listening(_ name: String) throws -> Program {
        let manager = try Python.lines(Self.manager, [name])
        guard eventually({ manager.lines.contains("listening") }) else {
            throw Missing(description: "no socket: \(manager.words)")
        }
        return manager
    }

    private func signs(_ manager: Program) -> Int { manager.lines.count { $0 == "WATCHDOG=1" } }

    @Test(arguments: ["file", "abstract"])
    func `P20 ready is told once everything is up, and the end when it begins`(_ kind: String) throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let name = kind == "file" ? scratch.at("notify") : "@" + scratch.at("notify").dropFirst()
        let manager = try listening(name)
        defer { manager.end() }
        let daemon = try LiveDaemon(environment: ["NOTIFY_SOCKET": name])
        defer { daemon.end() }
        #expect(eventually { manager.lines.contains { $0.hasPrefix("READY=1 STATUS=research software") } })
        // Whoever is managed does not end by SIGHUP.
        daemon.program.send(SIGHUP)
        #expect(try Asker(daemon).ask(#"{"op":"STATUS"}"#)["ok"] == .bool(true))
        #expect(daemon.stop() == 0, "\(daemon.program.words)")
        #expect(eventually { manager.lines.contains("STOPPING=1") })
        #expect(signs(manager) == 0, "without WATCHDOG_USEC nobody waits for signs of life")
    }

    @Test func `P20 a thread that stands keeps the signs of life, whichever it is`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let manager = try listening(scratch.at("notify"))
        defer { manager.end() }
        let daemon = try LiveDaemon(
            ["--workers", "2"],
            environment: ["NOTIFY_SOCKET": scratch.at("notify"), "WATCHDOG_USEC": "2000000"]
        )
        defer { daemon.end() }
        #expect(eventually { signs(manager) >= 3 })
        for name in ["ingest", "admission", "shard-0", "shard-1", "publisher"] {
            let pipe = scratch.at(name)
            #expect(unsafe mkfifo(pipe, 0o600) == 0)
            let holder = try Python.lines(
                Self.holder,
                ["\(daemon.program.processIdentifier)", name, pipe]
            )
            defer { holder.end() }
            #expect(eventually { holder.lines.contains("held") || !holder.isRunning })
            guard holder.lines.contains("held") else {
                guard holder.lines.contains("refused") else { throw Missing(description: "\(holder.words)") }
                return  // The system lets nobody trace another's threads.
            }
            // A token that was on its way may still arrive.
            Thread.sleep(forTimeInterval: 1.2)
            let before = signs(manager)
            Thread.sleep(forTimeInterval: 4)
            #expect(signs(manager) == before, "\(name) stands for two periods")
            try Data().write(to: URL(filePath: pipe))
            #expect(eventually { signs(manager) > before }, "\(name) goes on")
        }
        #expect(daemon.stop() == 0)
    }
}
