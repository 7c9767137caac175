private import CSodium

/// The libsodium that this program runs on.
public enum SodiumLibrary {
    /// Its version, for example `1.0.18`.
    public static var version: String {
        // Safe: libsodium returns a constant text.
        guard let text = unsafe sodium_version_string() else { return "unknown" }
        return unsafe String(cString: text)
    }
}
