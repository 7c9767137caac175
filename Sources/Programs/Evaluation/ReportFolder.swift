public import DataSets
private import Foundation
private import Wire

/// Where the reports of an evaluation go.
public struct ReportFolder: Sendable {
    private let path: String

    /// The folder at `path`, made where there is none.
    public init(path: String) throws(DataSetError) {
        self.path = path
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch
        {
            throw DataSetError(.unreadable, path, "the folder cannot be made; check path and permissions")
        }
    }

    /// Writes evaluation.json, evaluation.md and evaluation.html; each is whole or not there.
    public func write(_ figures: EvaluationFigures) throws(DataSetError) {
        try write(figures.json.canonicalText + "\n", to: "evaluation.json")
        try write(figures.markdown, to: "evaluation.md")
        try write(figures.html, to: "evaluation.html")
    }

    private func write(_ text: String, to name: String) throws(DataSetError) {
        let file = path + "/" + name
        do { try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic) } catch {
            throw DataSetError(.unreadable, file, "cannot be written; is the disk full?")
        }
    }
}
