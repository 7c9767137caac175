/// Sends bytes to whatever reads JSON from a socket: the parser, requests, replies and events.

private import FuzzSupport
private import Wire

/// Called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = unsafe inputBytes(data, count)
    do throws(JSONFailure) {
        let value = try JSONValue(parsing: input)
        Tally.count(isTaken: true)
        let canonical = value.canonical
        let again = try JSONValue(parsing: canonical, byteCountMax: .max)
        law(again.canonical == canonical, "canonical JSON is read and written back to the same bytes")
    } catch {
        Tally.count(isTaken: false)
        law(isTelling("\(error)"), "a refusal says why")
        if case .malformed(let offset, _) = error {
            law((0...input.count).contains(offset), "the fault lies within the bytes")
        }
    }
    checkRequest(input)
    checkReply(input)
    return 0
}

private func checkRequest(_ input: [UInt8]) {
    let (name, result) = ControlRequest.parse(input)
    switch result {
    case .success(let request):
        law(request.name == name && request.from >= 0, "a question has the name that its asker gave")
        let (_, again) = ControlRequest.parse(request.bytes)
        guard case .success(let same) = again else {
            broken("what was asked can be asked again")
        }
        law(same == request, "what is asked again is the same")
    case .failure(let problem):
        law(["BAD_JSON", "TOO_LARGE", "UNKNOWN_OP"].contains(problem.code), "a refusal has its code")
        law(isTelling(problem.detail), "a refusal says why")
        guard let reply = ControlReply(parsing: ControlReply.bytes(answering: name, with: .failure(problem)))
        else {
            broken("a refusal is a reply that can be read")
        }
        law(reply.name == name && reply.problem == problem, "the asker reads what it was refused for")
    }
}

/// What readers make of replies and events, whatever stands in them.
private func checkReply(_ input: [UInt8]) {
    guard let reply = ControlReply(parsing: input) else { return }
    _ = (reply.name, reply.problem, reply.next)
    for list in ["streams", "labels"] { _ = reply.withWholeList(list, reply.entries(list)) }
    _ = EventPlace(of: reply.object)
    let page = HeartbeatPage(of: reply.object)
    law(page.heads.allSatisfy { $0.number > 0 }, "a heartbeat's numbers are counted from 1")
    _ = TechnicalFacts(of: reply.object)?.closeReason
}
