public import Access
public import ZeroMQ

/// The folder of a daemon's keys: its own pair in `daemon.key`, and who may come in in `authorised.yaml`.
public struct KeyFolder: Sendable {
    /// The name of the daemon's own pair.
    public static let daemonName = "daemon"
    /// The name of the authorisation file.
    public static let authorisedName = "authorised.yaml"

    /// The path of the folder.
    public let path: String

    /// The folder of that path; nothing is read yet.
    public init(_ path: String) { self.path = path }

    private var authorisedPath: String { "\(path)/\(KeyFolder.authorisedName)" }

    /// Reads the daemon's own pair.
    public func daemonPair() throws(KeyFolderError) -> KeyPair {
        try GuardedFile.checkFolder(path)
        do throws(KeyFolderError) {
            return try KeyFile.pair("\(path)/\(KeyFolder.daemonName).key")
        } catch {
            guard error.kind == .notFound else { throw error }
            throw KeyFolderError(
                .notFound,
                "\(error); make it: shinden keys generate \(KeyFolder.daemonName) --dir \(path)"
            )
        }
    }

    /// Reads who may come in: the table, and the bytes that a log keeps of it, in which nobody's name stands.
    public func authorised() throws(KeyFolderError) -> (bytes: [UInt8], table: AccessTable) {
        try GuardedFile.checkFolder(path)
        let bytes: [UInt8]
        do throws(KeyFolderError) {
            bytes = try GuardedFile.read(authorisedPath, .rights, bytesMax: AuthorisationFile.bytesMax)
        } catch {
            guard error.kind == .notFound else { throw error }
            throw KeyFolderError(
                .notFound,
                "\(error), so nobody could come in; shinden keys authorise NAME KEY --keys \(path)"
            )
        }
        do throws(AuthorisationFile.Refused) {
            let table = try AuthorisationFile.table(of: bytes)
            return (Array(AuthorisationFile.textWithoutNames(of: table).utf8), table)
        } catch { throw KeyFolderError(.refused, "\(authorisedPath): \(error)") }
    }

    /// Writes anew who may come in; comments of the former file do not stay, its wards and its roster do.
    /// - Returns: Whether the folder was not there, and was made.
    @discardableResult public func authorise(_ keys: [AuthorisedKey]) throws(KeyFolderError) -> Bool {
        let former = try authorisedSoFar()
        let text = AuthorisationFile.text(of: keys, wards: former?.wards ?? [:], beds: former?.beds ?? [])
        // What is written is read again by those who enforce it, so it must be right.
        do throws(AuthorisationFile.Refused) {
            _ = try AuthorisationFile.table(of: Array(text.utf8))
        } catch { throw KeyFolderError(.refused, "\(authorisedPath): \(error)") }
        let isNew = try GuardedFile.prepareFolder(path)
        try GuardedFile.replace(authorisedPath, .rights, text)
        return isNew
    }

    /// Who may come in, or nobody where there is no file yet.
    public func authorisedSoFar() throws(KeyFolderError) -> AccessTable? {
        do throws(KeyFolderError) { return try authorised().table } catch {
            guard error.kind == .notFound else { throw error }
            return nil
        }
    }
}
