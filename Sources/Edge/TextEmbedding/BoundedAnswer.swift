private import Dispatch
internal import Foundation
internal import FoundationNetworking
private import Synchronization

/// The answer to one request, bounded in bytes while it comes and in time as a whole.
///
/// A session that hands over whole bodies holds them whole before anyone can look at their size, and its time limit begins
/// anew with every byte: a server that never ends, or that sends a byte now and then, would take memory or time for ever.
/// While it waits, FoundationNetworking polls: 0.5 to 0.9 s of processor time a second were measured with Swift 6.3 on Linux.
final class BoundedAnswer: NSObject, URLSessionDataDelegate, Sendable {
    private struct State {
        var body = Data()
        /// How it ended; nil while it is under way.
        var end: Result<Data, EmbeddingError>?
    }

    private let state = Mutex(State())
    private let isDone = DispatchSemaphore(value: 0)
    private let url: String
    private let bytesMax: Int

    private init(url: String, bytesMax: Int) {
        self.url = url
        self.bytesMax = bytesMax
    }

    /// The body of an answer with status 200, of at most `bytesMax` bytes and within `seconds`; blocks until then.
    /// - Throws: An `EmbeddingError` with the server's address and what it did instead.
    static func body(
        of request: URLRequest,
        bytesMax: Int,
        seconds: Double
    ) throws(EmbeddingError) -> Data {
        let answer = BoundedAnswer(url: request.url?.absoluteString ?? "", bytesMax: bytesMax)
        let session = URLSession(configuration: .ephemeral, delegate: answer, delegateQueue: nil)
        // A session that a server keeps busy takes long to end, and whoever asked has the answer or the error.
        defer { DispatchQueue.global().async { session.invalidateAndCancel() } }
        session.dataTask(with: request).resume()
        if answer.isDone.wait(timeout: .now() + seconds) == .timedOut {
            answer.finish(
                .failure(
                    EmbeddingError(
                        "\(answer.url): no whole answer within \(Int(seconds)) s; check what the server does, or give it a smaller or faster language model"
                    )
                )
            )
        }
        guard let end = answer.state.withLock({ $0.end }) else {
            throw EmbeddingError("\(answer.url): no answer")
        }
        return try end.get()
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isTooMuch = state.withLock { state in
            guard state.end == nil else { return true }
            guard state.body.count + data.count <= bytesMax else { return true }
            state.body.append(data)
            return false
        }
        guard isTooMuch else { return }
        dataTask.cancel()
        finish(.failure(EmbeddingError("\(url): an answer of more than \(bytesMax) bytes")))
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error {
            // The session's own limit may strike as the one above does, and then the words are that one's.
            if (error as? URLError)?.code == .timedOut { return }
            let words = error.localizedDescription
            let what = words.hasSuffix(".") ? String(words.dropLast()) : words
            return finish(.failure(EmbeddingError("\(url): \(what); check that the server runs")))
        }
        let status = (task.response as? HTTPURLResponse)?.statusCode ?? 0
        let body = state.withLock { $0.body }
        guard status == 200 else {
            // A server's words come to a terminal, where a control character would do more than stand there.
            let words = String(decoding: body.prefix(200), as: UTF8.self).unicodeScalars.filter {
                $0.properties.generalCategory != .control
            }
            let text = String(String.UnicodeScalarView(words))
            return finish(.failure(EmbeddingError("\(url): HTTP \(status) \(text)")))
        }
        finish(.success(body))
    }

    /// The first end is the one that counts.
    private func finish(_ end: Result<Data, EmbeddingError>) {
        let isFirst = state.withLock { state in
            guard state.end == nil else { return false }
            state.end = end
            state.body = Data()
            return true
        }
        if isFirst { isDone.signal() }
    }
}
