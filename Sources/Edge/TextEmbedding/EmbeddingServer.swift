/// Sentences to vectors, asked of a server that speaks OpenAI's embeddings, as llama.cpp's does.
private import Foundation
private import FoundationNetworking

/// Why a server gave no vectors: which server, what it said, what to do.
public struct EmbeddingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What, where, what to do.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// A server of frozen sentence embeddings.
///
///     POST BASE/v1/embeddings {"input": ["...", ...], "model": "..."}
///     200 {"data": [{"index": 0, "embedding": [0.1, ...]}, ...]}
public struct EmbeddingServer: Sendable {
    /// Sentences of one request.
    private static let batch = 16
    /// How long a request may take; a large language model on one core needs a second for a sentence.
    private static let patience = 120.0
    /// The same for this server; a test waits less.
    private let patience: Double
    /// The most bytes that an answer may have: 16 vectors of 16,384 numbers as text.
    private static let answerBytesMax = 16 * 1_048_576

    private let url: URL
    private let model: String

    /// The server at that base, such as `http://127.0.0.1:8080`; `model` is the name that requests carry.
    public init(_ base: String, model: String = "default") throws(EmbeddingError) {
        try self.init(base, model: model, patience: Self.patience)
    }

    /// The same with a limit of one's own, seconds, on each request.
    init(_ base: String, model: String = "default", patience: Double) throws(EmbeddingError) {
        let trimmed = base.hasSuffix("/") ? String(base.dropLast()) : base
        let path = trimmed.hasSuffix("/v1/embeddings") ? trimmed : trimmed + "/v1/embeddings"
        guard let url = URL(string: path), ["http", "https"].contains(url.scheme ?? ""), url.host != nil
        else {
            throw EmbeddingError("\(base): not a server's address; give one as http://127.0.0.1:8080")
        }
        self.url = url
        self.model = model
        self.patience = patience
    }

    /// The vector of each sentence, of unit length and all of one width; `progress` is called with the number done.
    ///
    /// - Throws: An `EmbeddingError` where the server cannot be reached, refuses, or answers something else, such as one vector
    ///   for two sentences.
    public func embed(
        _ sentences: [String],
        progress: (Int) -> Void = { _ in }
    ) throws(EmbeddingError) -> [[Float]] {
        var rows: [[Float]] = []
        while rows.count < sentences.count {
            let part = Array(sentences[rows.count..<min(rows.count + Self.batch, sentences.count)])
            for (sentence, row) in zip(part, try ask(part)) {
                guard rows.isEmpty || row.count == rows[0].count else {
                    throw EmbeddingError(
                        "\(url): \(row.count) numbers for \"\(sentence)\", \(rows[0].count) before; "
                            + "the server must keep one model and one pooling"
                    )
                }
                rows.append(row)
            }
            progress(rows.count)
        }
        try checkApart(rows, sentences)
        return rows
    }

    /// Refuses one vector for two sentences that differ: what they say could not be told apart.
    private func checkApart(_ rows: [[Float]], _ sentences: [String]) throws(EmbeddingError) {
        var first: [[Float]: Int] = [:]
        for (place, row) in rows.enumerated() {
            guard let other = first.updateValue(place, forKey: row), sentences[other] != sentences[place]
            else { continue }
            throw EmbeddingError(
                "\(url): one vector for \"\(sentences[other])\" and \"\(sentences[place])\", which nothing could tell "
                    + "apart; check that the server runs a model of embeddings, with its pooling"
            )
        }
    }

    private struct Request: Encodable {
        let input: [String]
        let model: String
    }

    private struct Answer: Decodable {
        struct Row: Decodable {
            let index: Int
            let embedding: [Double]
        }
        let data: [Row]
    }

    private func ask(_ sentences: [String]) throws(EmbeddingError) -> [[Float]] {
        let bytes = try post(sentences)
        let answer: Answer
        do { answer = try JSONDecoder().decode(Answer.self, from: bytes) } catch {
            throw EmbeddingError(
                "\(url): not the answer of an embeddings server; start llama.cpp's with --embeddings --pooling last"
            )
        }
        guard answer.data.map(\.index).sorted() == Array(sentences.indices) else {
            throw EmbeddingError("\(url): \(answer.data.count) vectors for \(sentences.count) sentences")
        }
        var rows = [[Float]](repeating: [], count: sentences.count)
        for row in answer.data {
            let length = row.embedding.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard length.isFinite, length > 0 else {
                throw EmbeddingError("\(url): no direction in the vector of \"\(sentences[row.index])\"")
            }
            rows[row.index] = row.embedding.map { Float($0 / length) }
        }
        return rows
    }

    private func post(_ sentences: [String]) throws(EmbeddingError) -> Data {
        var request = URLRequest(url: url, timeoutInterval: patience)
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        do { request.httpBody = try JSONEncoder().encode(Request(input: sentences, model: model)) } catch {
            throw EmbeddingError("\(error)")
        }
        return try BoundedAnswer.body(of: request, bytesMax: Self.answerBytesMax, seconds: patience)
    }
}
