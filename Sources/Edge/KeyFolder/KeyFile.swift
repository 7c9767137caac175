public import ZeroMQ

/// Key pairs as files: `NAME.key` with both halves for its owner alone, `NAME.pub` with the public one for everybody.
///
///     # A CURVE key of shinden: the secret half is nobody else's.
///     public rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7
///     secret D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs
///
/// Lines that begin with `#` and empty ones are passed over.
public enum KeyFile {
    private static let bytesMax = 4_096

    /// Draws a pair and writes both files into `folder`, which is made where it is not there; none is written over.
    public static func generate(
        named name: String,
        in folder: String
    ) throws -> (pair: KeyPair, secretPath: String, publicPath: String) {
        let pair = try KeyPair()
        let (secretPath, publicPath) = ("\(folder)/\(name).key", "\(folder)/\(name).pub")
        try GuardedFile.prepareFolder(folder)
        try GuardedFile.create(
            secretPath,
            .secret,
            "# A CURVE key of shinden: the secret half is nobody else's.\npublic \(pair.publicKey)\n"
                + "secret \(pair.secretText)\n"
        )
        try GuardedFile.create(
            publicPath,
            .readable,
            "# The public half of \(name).key, for everybody.\npublic \(pair.publicKey)\n"
        )
        return (pair, secretPath, publicPath)
    }

    /// Reads both halves; refused where anybody else may read the file.
    public static func pair(_ path: String) throws(KeyFolderError) -> KeyPair {
        let lines = try lines(of: GuardedFile.read(path, .secret, bytesMax: bytesMax), path)
        guard let secret = lines["secret"] else {
            throw KeyFolderError(
                .refused,
                "\(path): has no line \"secret KEY\"; shinden keys generate writes such files"
            )
        }
        guard let pair = KeyPair(secretText: secret) else {
            throw KeyFolderError(.refused, "\(path): the secret key is not 40 characters of Z85")
        }
        guard lines["public"].map({ $0 == pair.publicKey.text }) ?? true else {
            throw KeyFolderError(.refused, "\(path): the public key is not that of the secret one")
        }
        return pair
    }

    /// A public key that somebody gives as its 40 characters, or as the path of a file that holds it.
    public static func publicKey(_ text: String) throws(KeyFolderError) -> PublicKey {
        let bytes: [UInt8]
        // The file first, since a path may have 40 characters that are all of Z85.
        do throws(KeyFolderError) {
            bytes = try GuardedFile.read(text, .readable, bytesMax: bytesMax)
        } catch {
            if let key = PublicKey(text) { return key }
            guard error.kind == .notFound else { throw error }
            throw KeyFolderError(
                .notFound,
                "\(text): neither a public key (40 characters of Z85; in a shell it needs quotes) nor a file with one"
            )
        }
        let lines = try lines(of: bytes, text)
        guard lines["secret"] == nil else {
            throw KeyFolderError(
                .refused,
                "\(text): it holds the secret half, which stays where it was drawn; give its .pub file. If the secret was "
                    + "carried here, draw another pair"
            )
        }
        guard let key = lines["public"].flatMap({ PublicKey($0) }) else {
            throw KeyFolderError(.refused, "\(text): has no line \"public KEY\" with 40 characters of Z85")
        }
        return key
    }

    private static func lines(of bytes: [UInt8], _ path: String) throws(KeyFolderError) -> [String: String] {
        var lines: [String: String] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let text = String(decoding: line, as: UTF8.self)
            if text.hasPrefix("#") || text.allSatisfy(\.isWhitespace) { continue }
            let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
            guard words.count == 2, ["public", "secret"].contains(words[0]),
                lines.updateValue(words[1], forKey: words[0]) == nil
            else {
                // The line itself is not told: it may be a secret.
                throw KeyFolderError(
                    .refused,
                    "\(path): a line is not \"public KEY\" or \"secret KEY\", or is there twice"
                )
            }
        }
        return lines
    }
}
