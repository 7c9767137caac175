import Foundation
import TestSupport
import Testing

@testable import Training

@Suite struct WindowCacheTests {
    private let folder = TemporaryFolder()
    private let key = String(repeating: "a", count: 64)
    private var path: String { folder.path + "/windows" }

    private func write(_ windows: [[Int16]]) throws -> WindowCache.Index {
        let writer = try WindowCache.Writer(path: path, key: key)
        var index = WindowCache.Index()
        for (number, window) in windows.enumerated() {
            let place = try writer.append(window)
            index.windows.append(.init(recording: number, started: place, settled: place))
        }
        index.leftOut = [.init(path: "a/b", reason: "no such file")]
        #expect(!FileManager.default.fileExists(atPath: path))
        try writer.finish(index)
        return index
    }

    @Test func `windows and index come back as they were written`() throws {
        var generator = SeededGenerator(seed: 1)
        let windows = (0..<3).map { _ in
            (0..<WindowCache.valuesPerWindow).map { _ in Int16.random(in: .min ... .max, using: &generator) }
        }
        let index = try write(windows)
        let cache = try #require(WindowCache(path: path, key: key))
        #expect(cache.index == index)
        for (place, window) in windows.enumerated() {
            #expect(cache.rows(of: place, from: 0, count: 5_000, scale: 1) == window.map { Float($0) })
            let rows = cache.rows(of: place, from: 4_990, count: 10, scale: 0.5)
            #expect(rows == window[(4_990 * 12)...].map { Float($0) * 0.5 })
        }
    }

    @Test func `a cache of other recordings, a cut one and a missing one are not used`() throws {
        _ = try write([[Int16](repeating: 0, count: WindowCache.valuesPerWindow)])
        #expect(WindowCache(path: path, key: String(repeating: "b", count: 64)) == nil)
        #expect(WindowCache(path: path + "-none", key: key) == nil)
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        for count in [10, 80, 1_000, data.count - 1] {
            try data.prefix(count).write(to: URL(fileURLWithPath: path))
            #expect(WindowCache(path: path, key: key) == nil)
        }
    }

    @Test func `a writer that never finishes leaves what stood there`() throws {
        try Data("SHINWIN1 old".utf8).write(to: URL(fileURLWithPath: path))
        do {
            let writer = try WindowCache.Writer(path: path, key: key)
            _ = try writer.append([Int16](repeating: 0, count: WindowCache.valuesPerWindow))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["windows"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("SHINWIN1 old".utf8))
    }

    @Test func `a file that holds no windows is not replaced`() throws {
        try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
        for place in [path, "/dev/null", folder.path] {
            #expect {
                try WindowCache.Writer(path: place, key: key)
            } throws: { ("\($0)").contains("something else than windows") }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("precious".utf8))
    }

    @Test func `two runs do not write one file at once`() throws {
        let writer = try WindowCache.Writer(path: path, key: key)
        #expect {
            try WindowCache.Writer(path: path, key: key)
        } throws: { ("\($0)").contains("another run is writing it") }
        try writer.finish(WindowCache.Index())
        #expect(WindowCache(path: path, key: key) != nil)
    }
}
