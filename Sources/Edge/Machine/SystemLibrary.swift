private import CMachine

/// The C library that this program runs on.
public enum SystemLibrary {
    /// Its version, for example `2.36`.
    public static var version: String {
        // Safe: the C library returns a constant text.
        guard let text = unsafe gnu_get_libc_version() else { return "unknown" }
        return unsafe String(cString: text)
    }
}
