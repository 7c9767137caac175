import Foundation

/// The repository as its own tests read it: files by their path from the root, with `/` between.
struct SourceTree {
    /// The folder of Package.swift.
    let root: URL

    /// Paths of all files but what is built or belongs to git, in one order.
    let paths: [String]

    /// The tree that this file stands in.
    static let here = SourceTree(
        root: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    )

    /// Reads the names below `root`, not the files.
    init(root: URL) {
        self.root = root
        var found: [String] = []
        SourceTree.collect(root, prefix: "", into: &found)
        paths = found.sorted()
    }

    private static func collect(_ folder: URL, prefix: String, into found: inout [String]) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        where !isOutside(name) {
            let path = prefix + name
            let url = folder.appending(path: name)
            if (try? url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true {
                collect(url, prefix: path + "/", into: &found)
            } else {
                found.append(path)
            }
        }
    }

    private static func isOutside(_ name: String) -> Bool {
        name == ".git" || name == ".venv" || name == "__pycache__" || name == ".swiftpm"
            || name == "Package.resolved"
            || name.hasPrefix(".build")
    }

    /// The file's text; bytes that are not UTF-8 are replaced.
    func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self)
    }

    /// Bytes of all files under `folder`.
    func byteCount(under folder: String) throws -> Int {
        try paths.filter { $0.hasPrefix(folder + "/") }.reduce(0) { sum, path in
            let attributes = try FileManager.default.attributesOfItem(atPath: root.appending(path: path).path)
            return sum + ((attributes[.size] as? NSNumber)?.intValue ?? 0)
        }
    }

    /// The folders directly under `folder`, in one order.
    func folders(in folder: String) -> [String] {
        let names = paths.filter { $0.hasPrefix(folder + "/") }.compactMap { path -> String? in
            let parts = path.dropFirst(folder.count + 1).split(separator: "/")
            return parts.count > 1 ? String(parts[0]) : nil
        }
        return Set(names).sorted()
    }

    /// Paths that end in one of `extensions` and stand under `folder` ("" is everywhere).
    func files(_ extensions: Set<String>, under folder: String = "") -> [String] {
        paths.filter { path in
            (folder.isEmpty || path.hasPrefix(folder + "/"))
                && extensions.contains(String(path.split(separator: ".").last ?? ""))
        }
    }

    /// The Swift files that people write: without what protoc generates.
    func handwrittenSwift(under folder: String) -> [String] {
        files(["swift"], under: folder).filter { !$0.hasSuffix(".pb.swift") }
    }
}
