private import Foundation
internal import Policy
private import PolicyFile

/// What a ward sets for its alarms: a policy file as its bytes, which a log keeps, and the table that they make.
struct WardPolicy: Sendable {
    /// The file's bytes; none for the defaults.
    let bytes: [UInt8]
    /// What is done with which statement.
    let table: PolicyTable
    /// What is to be said of who else may change the file; nil where nobody may.
    let warning: String?

    /// Reads the file of that path; an empty path stands for the defaults.
    ///
    /// One that everybody may change is refused, since whoever changes it silences alarms; `isInForce` is false where it is
    /// only compared with another, and no alarm rests on it.
    init(file path: String, isInForce: Bool = true) throws(Configuration.Refused) {
        guard !path.isEmpty else {
            (bytes, table, warning) = ([], .standard, nil)
            return
        }
        let place = URL(filePath: path).resolvingSymlinksInPath().path
        let facts = try? FileManager.default.attributesOfItem(atPath: place)
        // Nothing but a file is opened: a pipe would hold up whoever reads it for as long as nobody writes.
        guard facts?[.type] as? FileAttributeType == .typeRegular else {
            throw Configuration.Refused(description: "policy: \(path) is no file that can be read")
        }
        let mode = (facts?[.posixPermissions] as? NSNumber)?.intValue ?? 0
        guard !isInForce || mode & 0o002 == 0 else {
            throw Configuration.Refused(
                description:
                    "policy: \(path): its mode is \(String(mode & 0o777, radix: 8)), so everybody may change it "
                    + "and silence alarms; chmod 644 \(path), and look at what stands in it"
            )
        }
        warning =
            mode & 0o020 == 0
            ? nil
            : "policy: \(path): its mode is \(String(mode & 0o777, radix: 8)), so its group may change it and silence alarms; "
                + "chmod 644 \(path) where that is not meant"
        let size = (facts?[.size] as? NSNumber)?.intValue ?? 0
        guard size <= PolicyFile.bytesMax else {
            throw WardPolicy.refused(path, PolicyFile.Refused.tooLong(bytes: size))
        }
        guard let data = FileManager.default.contents(atPath: place) else {
            throw Configuration.Refused(description: "policy: \(path) cannot be read")
        }
        let bytes = Array(data)
        do { table = try PolicyFile.table(of: bytes) } catch { throw WardPolicy.refused(path, error) }
        self.bytes = bytes
    }

    private static func refused(_ path: String, _ why: PolicyFile.Refused) -> Configuration.Refused {
        Configuration.Refused(description: "policy: \(path): \(why)")
    }

    /// The table that the bytes of a policy file make, the defaults where there are none; nil where they are refused.
    static func table(of bytes: [UInt8]) -> PolicyTable? {
        bytes.isEmpty ? .standard : try? PolicyFile.table(of: bytes)
    }
}
