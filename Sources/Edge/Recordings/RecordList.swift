/// The records that a person names: single ones, folders of them, and lists.
private import FoundationEssentials

/// Records by their paths, each with the name by which it is called.
public struct RecordList: Sendable, Equatable {
    /// One record.
    public struct Entry: Sendable, Equatable {
        /// As it can be opened.
        public let path: String
        /// Its name; its path where another record of the list has the same name.
        public let label: String
        /// Why what stands there cannot be opened, where that is known already: a folder below that cannot be read.
        public let fault: RecordingError?
        /// Which line of a list names it, as the end of a message; empty where no list does.
        public let origin: String
    }

    /// A record or folder that was found.
    private struct Found {
        let path: String
        var fault: RecordingError?
        var origin = ""
    }

    /// In the order given; a folder's by name.
    public let entries: [Entry]

    /// Finds the records of the paths that a person gives.
    ///
    /// A folder stands for the records of its file RECORDS, which PhysioNet's sets have, or else for all records in it and
    /// in the folders below, in order of their paths; the segments of a record that is there are not counted again. A file
    /// whose name begins with RECORDS is a list, one record or folder a line, by paths from the list's own folder. A folder
    /// below that cannot be read is an entry with its fault, and the others are there.
    public init(_ paths: [String]) throws(RecordingError) {
        var found: [Found] = []
        for path in paths { try RecordList.append(path, to: &found, depth: 0) }
        var counts: [String: Int] = [:]
        for one in found { counts[RecordList.name(of: one.path), default: 0] += 1 }
        entries = found.map { one in
            let name = RecordList.name(of: one.path)
            return Entry(
                path: one.path,
                label: counts[name, default: 0] > 1 ? one.path : name,
                fault: one.fault,
                origin: one.origin
            )
        }
    }

    /// The record's name without folder and `.hea`.
    private static func name(of path: String) -> String {
        let name = RecordPath.split(path).name
        return name.hasSuffix(".hea") ? String(name.dropLast(4)) : name
    }

    private static func append(_ path: String, to found: inout [Found], depth: Int) throws(RecordingError) {
        guard depth <= RecordingLimits.folderDepthMax else {
            throw RecordingError(
                .unsupported,
                path,
                "lists and folders are nested too deeply; name the records"
            )
        }
        guard found.count < RecordingLimits.recordsMax else {
            throw RecordingError(
                .unsupported,
                path,
                "more than \(RecordingLimits.recordsMax) records; give fewer at once"
            )
        }
        // A record goes before a folder of its name.
        let isRecord = path.hasSuffix(".hea") || FileKind(path: path + ".hea") == .file
        if !isRecord, FileKind(path: path) == .folder {
            let folder = path.hasSuffix("/") ? path : path + "/"
            if FileKind(path: folder + "RECORDS") == .file {
                try appendList(folder + "RECORDS", to: &found, depth: depth)
            } else {
                try appendFolder(folder, to: &found, depth: depth)
            }
        } else if !isRecord, FileKind(path: path) == .file, RecordPath.split(path).name.hasPrefix("RECORDS") {
            try appendList(path, to: &found, depth: depth)
        } else {
            found.append(Found(path: path))
        }
    }

    private static func appendList(
        _ path: String,
        to found: inout [Found],
        depth: Int
    ) throws(RecordingError) {
        let (folder, name) = RecordPath.split(path)
        let bytes = try RecordingFiles(folder: folder).whole(
            name,
            atMost: 64 * RecordingLimits.headerBytesMax
        )
        let before = found.count
        let lines = String(decoding: bytes, as: UTF8.self).split(
            omittingEmptySubsequences: false,
            whereSeparator: \.isNewline
        )
        for (index, line) in lines.enumerated() {
            var record = line.drop { $0.isWhitespace }
            while record.last?.isWhitespace == true { record.removeLast() }
            guard let head = record.first, head != "#" else { continue }
            let text = String(record)
            let first = found.count
            try append(text.hasPrefix("/") ? text : folder + text, to: &found, depth: depth + 1)
            for place in first..<found.count where found[place].origin.isEmpty {
                found[place].origin = " (\(path), line \(index + 1))"
            }
        }
        guard found.count > before else {
            throw RecordingError(.notFound, path, "the list names no record")
        }
    }

    private static func appendFolder(
        _ folder: String,
        to found: inout [Found],
        depth: Int
    ) throws(RecordingError) {
        let before = found.count
        var pending = [(path: folder, depth: depth)]
        var headers: [String] = []
        var faults: [Found] = []
        while let next = pending.popLast() {
            guard next.depth <= RecordingLimits.folderDepthMax else {
                throw RecordingError(
                    .unsupported,
                    next.path,
                    "folders are nested too deeply; name the records"
                )
            }
            let names: [String]
            do { names = try FileManager.default.contentsOfDirectory(atPath: next.path) } catch {
                let fault = RecordingError(
                    .unreadable,
                    next.path,
                    "the folder cannot be read; check its permissions"
                )
                faults.append(Found(path: next.path, fault: fault))
                continue
            }
            for name in names {
                let path = next.path + name
                if name.hasSuffix(".hea") {
                    headers.append(path)
                } else if FileKind(path: path) == .folder,
                    (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) == nil
                {
                    pending.append((path + "/", next.depth + 1))
                }
            }
        }
        let segments = Set(headers.flatMap(RecordList.segments(of:)))
        let records = headers.map { String($0.dropLast(4)) }.filter { !segments.contains($0) }
        found += (records.map { Found(path: $0) } + faults).sorted { $0.path < $1.path }
        guard found.count > before else {
            throw RecordingError(.notFound, folder, "no record (.hea) in this folder or below it")
        }
    }

    /// The paths of a record's segments; none for a header that has none or cannot be read.
    private static func segments(of header: String) -> [String] {
        let (folder, name) = RecordPath.split(header)
        guard
            let bytes = try? RecordingFiles(folder: folder).whole(
                name,
                atMost: RecordingLimits.headerBytesMax
            ),
            let parsed = try? WFDBHeader(bytes: bytes, path: header)
        else { return [] }
        return parsed.segments.compactMap { $0.record.map { folder + $0 } }
    }
}
