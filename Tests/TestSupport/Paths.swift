/// Where the files of this repository are, found from this file's own place in it.
public enum Repository {
    /// The folder that holds Package.swift.
    public static let root: String = {
        let here = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return here.dropLast(3).joined(separator: "/")
    }()

    /// Real records and golden files.
    public static let fixtures = root + "/Fixtures"

    /// The model that is shipped.
    public static let defaultModel = root + "/Models/default"
}
