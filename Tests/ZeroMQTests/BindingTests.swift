import Foundation
import Glibc
import Testing
import ZeroMQ

/// What a bind does to what is there already.
struct BindingTests {
    @Test func `an ipc file at which another listens is in use, a stale one is not, another file stays`()
        throws
    {
        let path = FileManager.default.temporaryDirectory.path + "/shinden-\(UUID().uuidString.prefix(8))"
        let endpoint = try Endpoint("ipc://" + path)
        let context = try Context()
        do {
            let first = try Socket(.sub, in: context)
            try first.bind(endpoint)
            let second = try Socket(.sub, in: try Context())
            #expect(throws: ZeroMQError.self) { try second.bind(endpoint) }
            do { try second.bind(endpoint) } catch { #expect(error.reason == .addressInUse) }
        }
        // A socket file whose listener died without taking it away.
        try? FileManager.default.removeItem(atPath: path)
        let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // Safe: the name is shorter than the field, which is zero, and the address lives through the call.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe Glibc.bind(stale, $0, size) }
        }
        #expect(bound == 0)
        close(stale)
        try Socket(.sub, in: context).bind(endpoint)
        let file = path + ".txt"
        try Data("kept".utf8).write(to: URL(fileURLWithPath: file))
        do {
            try Socket(.sub, in: context).bind(try Endpoint("ipc://" + file))
            Issue.record("a file was removed")
        } catch { #expect(error.description.contains("no socket")) }
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "kept")
    }

    @Test func `localhost can be bound`() throws {
        let bound = try Socket(.sub, in: try Context()).bind(try Endpoint("tcp://localhost:*"))
        #expect(bound.text.hasPrefix("tcp://127.0.0.1:"))
    }
}
