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
    }

    /// In the order given; a folder's by name.
    public let entries: [Entry]

    /// Finds the records of the paths that a person gives.
    ///
    /// A folder stands for the records of its file RECORDS, which PhysioNet's sets have, or else for all records in it and
    /// in the folders below, in order of their paths; the segments of a record that is there are not counted again. A file
    /// whose name begins with RECORDS is a list, one record or folder a line, by paths from the list's own folder.
    public init(_ paths: [String]) throws(RecordingError) {
        var found: [String] = []
        for path in paths { try RecordList.append(path, to: &found, depth: 0) }
        var counts: [String: Int] = [:]
        for path in found { counts[RecordList.name(of: path), default: 0] += 1 }
        entries = found.map { path in
            let name = RecordList.name(of: path)
            return Entry(path: path, label: counts[name, default: 0] > 1 ? path : name)
        }
    }

    /// The record's name without folder and `.hea`.
    private static func name(of path: String) -> String {
        let name = RecordPath.split(path).name
        return name.hasSuffix(".hea") ? String(name.dropLast(4)) : name
    }

    private static func append(_ path: String, to found: inout [String], depth: Int) throws(RecordingError) {
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
            found.append(path)
        }
    }

    private static func appendList(
        _ path: String,
        to found: inout [String],
        depth: Int
    ) throws(RecordingError) {
        let (folder, name) = RecordPath.split(path)
        let bytes = try RecordingFiles(folder: folder).whole(
            name,
            atMost: 64 * RecordingLimits.headerBytesMax
        )
        let before = found.count
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            var record = line.drop { $0.isWhitespace }
            while record.last?.isWhitespace == true { record.removeLast() }
            guard let first = record.first, first != "#" else { continue }
            let text = String(record)
            try append(text.hasPrefix("/") ? text : folder + text, to: &found, depth: depth + 1)
        }
        guard found.count > before else {
            throw RecordingError(.notFound, path, "the list names no record")
        }
    }

    private static func appendFolder(
        _ folder: String,
        to found: inout [String],
        depth: Int
    ) throws(RecordingError) {
        let before = found.count
        var pending = [(path: folder, depth: depth)]
        var headers: [String] = []
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
                throw RecordingError(
                    .unreadable,
                    next.path,
                    "the folder cannot be read; check its permissions"
                )
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
        found += headers.map { String($0.dropLast(4)) }.filter { !segments.contains($0) }.sorted()
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
