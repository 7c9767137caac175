import Glibc
import Synchronization
import TestSupport
import Testing
import Threads
import ZeroMQ

struct WaitingTests {
    @Test func `a wake-up from another thread ends a wait, and is heard once`() throws {
        let wakeUp = try WakeUp()
        var poller = Poller()
        let entry = poller.add(wakeUp)
        let thread = try WorkerThread.start(name: "ringer") {
            wakeUp.signal()
            wakeUp.signal()
        }
        #expect(try poller.wait(timeout: limit) == 1)
        #expect(poller.readiness(of: entry) == .readable)
        thread.join()
        #expect(wakeUp.reset())
        #expect(!wakeUp.reset())
        #expect(try poller.wait(timeout: .zero) == 0)
        #expect(poller.readiness(of: entry) == [])
    }

    @Test func `a poller tells sockets and descriptors apart, and a paused or removed entry is silent`()
        throws
    {
        let context = try Context()
        let receiver = try Socket(.pair, in: context)
        let sender = try Socket(.pair, in: context)
        try sender.connect(receiver.bind(Endpoint("inproc://poller")))
        var ends: [Int32] = [0, 0]
        #expect(unsafe pipe(&ends) == 0)
        defer { for end in ends { _ = Glibc.close(end) } }
        var poller = Poller()
        let socketEntry = poller.add(receiver)
        let pipeEntry = poller.add(fileDescriptor: ends[0])
        #expect(try poller.wait(timeout: .zero) == 0)
        #expect(try sender.send([[1]]) == .sent)
        #expect(try poller.wait(timeout: limit) == 1)
        #expect(poller.readiness(of: socketEntry) == .readable && poller.readiness(of: pipeEntry) == [])
        #expect(unsafe write(ends[1], [UInt8(7)], 1) == 1)
        #expect(try poller.wait(timeout: limit) == 2)
        poller.set(socketEntry, for: [])
        #expect(try poller.wait(timeout: limit) == 1)
        #expect(poller.readiness(of: socketEntry) == [] && poller.readiness(of: pipeEntry) == .readable)
        poller.set(socketEntry, for: .readable)
        poller.remove(pipeEntry)
        #expect(try poller.wait(timeout: limit) == 1)
        #expect(poller.readiness(of: socketEntry) == .readable && poller.readiness(of: pipeEntry) == [])
    }

    @Test func `a poller outlives its socket`() throws {
        let context = try Context()
        var poller = Poller()
        let entry = try addPassing(context, to: &poller)
        #expect(try poller.wait(timeout: .zero) == 0)
        #expect(poller.readiness(of: entry) == [])
    }

    @Test func `closing the context ends a wait on another thread, and every later call`() throws {
        let context = try Context()
        let waiting = Mutex(false)
        let outcome = Outcome()
        let thread = try WorkerThread.start(name: "waiter") {
            outcome.run {
                let socket = try Socket(.sub, in: context)
                waiting.withLock { $0 = true }
                _ = try socket.wait(for: .readable, timeout: nil)
            }
        }
        #expect(eventually { waiting.withLock { $0 } })
        context.close()
        thread.join()
        #expect(outcome.failure.withLock { $0 }?.contains("context was closed") == true)
        do throws(ZeroMQError) {
            _ = try Socket(.sub, in: context)
            Issue.record("a socket in a closed context")
        } catch { #expect(error.reason == .terminated) }
    }

    @Test func `a context goes at once although a peer takes nothing`() throws {
        // The default linger is zero; a hang here hangs the suite.
        let context = try Context()
        let sender = try Socket(.dealer, in: context)
        try sender.connect(Endpoint("tcp://127.0.0.1:1"))
        #expect(try sender.send([[1]]) == .sent)
    }
}

/// A socket that is gone when this returns.
private func addPassing(_ context: Context, to poller: inout Poller) throws -> Poller.Entry {
    let socket = try Socket(.dealer, in: context)
    return poller.add(socket, for: [.readable, .writable])
}
