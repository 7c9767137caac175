import Glibc
import Synchronization
import Testing
import Threads

@Suite struct WorkerThreadTests {
    @Test func `a thread takes its name, no signal, and can be joined twice`() throws {
        let name = Mutex("")
        let blocked = Mutex<[Int32: Bool]>([:])
        let thread = try WorkerThread.start(name: "a name longer than 15", stackBytes: 1) {
            var mask = sigset_t()
            // Safe: a local.
            unsafe pthread_sigmask(SIG_SETMASK, nil, &mask)
            for signal in [SIGTERM, SIGINT, SIGSEGV] {
                let isBlocked = unsafe sigismember(&mask, signal) == 1
                blocked.withLock { $0[signal] = isBlocked }
            }
            guard let file = unsafe fopen("/proc/thread-self/comm", "r") else { return }
            var bytes = [UInt8](repeating: 0, count: 64)
            let count = unsafe fread(&bytes, 1, bytes.count, file)
            unsafe fclose(file)
            name.withLock { $0 = String(decoding: bytes.prefix(count), as: UTF8.self) }
        }
        thread.join()
        thread.join()
        #expect(name.withLock { $0 } == "a name longer t\n")
        #expect(blocked.withLock { $0 } == [SIGTERM: true, SIGINT: true, SIGSEGV: false])
    }

    @MainActor @Test func `a thread started on the main actor is not of it`() throws {
        let done = Mutex(false)
        let thread = try WorkerThread.start(name: "free") { done.withLock { $0 = true } }
        thread.join()
        #expect(done.withLock { $0 })
    }
}
