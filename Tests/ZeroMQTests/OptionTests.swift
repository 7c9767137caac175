import Testing

@testable import ZeroMQ

struct OptionTests {
    @Test(arguments: [
        (Duration.zero, 0), (.nanoseconds(1), 1), (.milliseconds(1), 1), (.nanoseconds(1_000_001), 2),
        (.milliseconds(999), 999), (.seconds(1), 1_000), (.seconds(-1), 0), (.nanoseconds(-1), 0),
        (.seconds(Int64.max), 2_147_483_000),
    ])
    func `a duration is rounded up to milliseconds and never endless`(duration: Duration, milliseconds: Int) {
        #expect(Int(duration.wholeMilliseconds) == milliseconds)
    }

    @Test(arguments: [Socket.Kind.pub, .sub, .xpub, .xsub, .dealer, .router, .pair])
    func `every kind takes every option`(kind: Socket.Kind) throws {
        let context = try Context()
        var options = SocketOptions()
        options.linger = .seconds(Int64.max)
        options.sendTimeout = .seconds(1)
        options.immediate = true
        options.routerMandatory = false
        options.xpubVerboser = false
        options.xpubNoDrop = true
        options.sendHighWaterMark = -1
        options.backlog = 0
        let socket = try Socket(kind, in: context, options: options)
        #expect(socket.kind == kind)
    }

    @Test func `an error names call, endpoint, cause and remedy`() {
        let error = ZeroMQError(code: 98, call: "zmq_bind", endpoint: "tcp://127.0.0.1:5555")
        #expect(
            error.description
                == "zmq_bind tcp://127.0.0.1:5555: Address already in use (errno 98); "
                + "stop the program that holds it or choose another endpoint"
        )
    }
}
