/// What stands at a path.
private import Glibc

/// Nothing, a file or a folder; links are followed.
enum FileKind {
    case nothing
    case file
    case folder

    init(path: String) {
        var facts = stat()
        // Safe: the call reads the string and writes the local, and keeps neither.
        guard unsafe stat(path, &facts) == 0 else {
            self = .nothing
            return
        }
        self = facts.st_mode & S_IFMT == S_IFDIR ? .folder : .file
    }
}
