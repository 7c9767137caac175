import Testing
import ZeroMQ

struct EndpointTests {
    @Test(arguments: [
        "tcp://127.0.0.1:5555", "tcp://127.8.9.10:*", "tcp://localhost:1", "tcp://[::1]:65535",
        "tcp://[0:0:0:0:0:0:0:1]:0", "tcp://[::ffff:127.0.0.1]:7", "ipc:///run/shinden.sock",
        "ipc://@abstract",
        "ipc://*", "inproc://control",
    ])
    func `what stays on this machine is local`(text: String) throws {
        let endpoint = try Endpoint(text)
        #expect(endpoint.isLocal)
        #expect(endpoint.text == text)
    }

    @Test(arguments: [
        "tcp://*:5555", "tcp://0.0.0.0:5555", "tcp://192.168.1.2:5555", "tcp://[::]:5555", "tcp://eth0:5555",
        "tcp://127.0.0.1.example.org:5555", "tcp://127.1:5555", "tcp://0127.0.0.1:5555",
        "tcp://2130706433:5555",
        "tcp://[::ffff:10.0.0.1]:5555", "tcp://localhost.example.org:5555", "tcp://LOCALHOST:5555",
    ])
    func `what may leave this machine is not local`(text: String) throws {
        let endpoint = try Endpoint(text)
        #expect(!endpoint.isLocal)
    }

    @Test(arguments: [
        "", "127.0.0.1:5555", "udp://127.0.0.1:5555", "TCP://127.0.0.1:5555", "tcp://", "tcp://127.0.0.1",
        "tcp://127.0.0.1:", "tcp://127.0.0.1:65536", "tcp://127.0.0.1:-1", "tcp://127.0.0.1:+5",
        "tcp://127.0.0.1:00", "tcp://127.0.0.1:5 5", "tcp://127.0.0.1:0;10.0.0.1:5555", "tcp://:5555",
        "tcp://::1:5555", "tcp://[::1:5555", "tcp://[]:5", "tcp://[fe80::1%lo]:5", "tcp://a/b:5", "ipc://",
        "ipc://" + String(repeating: "x", count: 108), "inproc://", "ipc:///a\u{0}b",
        "tcp://127.0.0.1:\u{661}",
    ])
    func `what is no single address is refused and named`(text: String) {
        do throws(ZeroMQError) {
            let endpoint = try Endpoint(text)
            Issue.record("\(endpoint) was taken")
        } catch {
            #expect(error.reason == .invalid)
            #expect(error.description.contains(text))
        }
    }

    @Test func `the parts of an endpoint are read`() throws {
        #expect(try Endpoint("tcp://[::1]:81").transport == .tcp(host: "::1", port: 81))
        #expect(try Endpoint("tcp://127.0.0.1:*").transport == .tcp(host: "127.0.0.1", port: nil))
        #expect(try Endpoint("ipc:///a b".replacing(" ", with: "")).transport == .ipc(path: "/ab"))
    }

    @Test(arguments: ["tcp://127.0.0.1:*", "tcp://[::1]:*", "ipc://*", "inproc://endpoint-test"])
    func `a bound endpoint is real and local and can be connected to`(text: String) throws {
        let context = try Context()
        let receiver = try Socket(.pair, in: context)
        let bound = try receiver.bind(Endpoint(text))
        #expect(bound.isLocal)
        #expect(!bound.text.hasSuffix("*"))
        let sender = try Socket(.pair, in: context)
        try sender.connect(bound)
        #expect(try sender.send([[7]], blocking: true) == .sent)
        #expect(try receiver.next() == .message([[7]]))
    }
}
