import DataSets
import Foundation
import TestSupport
import Testing

@Suite struct WindowCacheTests {
    private let folder = TemporaryFolder()

    private func write(_ windows: [[Float]], key: String = "key") throws -> String {
        let path = folder.path + "/windows"
        let writer = try WindowCache.Writer(path: path, key: key)
        for window in windows { try writer.append(window) }
        #expect(!FileManager.default.fileExists(atPath: path))
        try writer.finish()
        return path
    }

    @Test func `windows come back within half a microvolt`() throws {
        var generator = SeededGenerator(seed: 1)
        let windows = (0..<3).map { _ in
            (0..<WindowCache.valuesPerWindow).map { _ in Float.random(in: -5...5, using: &generator) }
        }
        let cache = try WindowCache(path: write(windows), key: "key")
        #expect(cache.count == 3)
        var values = [Float](repeating: 0, count: WindowCache.valuesPerWindow)
        for index in windows.indices {
            cache.copy(index, into: &values)
            #expect(zip(values, windows[index]).allSatisfy { abs($0 - $1) <= 0.000_501 })
        }
    }

    @Test func `what no ECG reaches is cut off, not wrapped`() throws {
        let window = [Float](repeating: 40, count: WindowCache.valuesPerWindow)
        let cache = try WindowCache(path: write([window]), key: "key")
        var values = window
        cache.copy(0, into: &values)
        #expect(values[0] == 32.767)
    }

    @Test func `a cache of other recordings, a cut one and a missing one are refused`() throws {
        let path = try write([[Float](repeating: 0, count: WindowCache.valuesPerWindow)])
        #expect(throws: DataSetError.self) { try WindowCache(path: path, key: "other") }
        #expect(throws: DataSetError.self) { try WindowCache(path: path + "-none", key: "key") }
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        data.removeLast()
        try data.write(to: URL(fileURLWithPath: path))
        #expect(throws: DataSetError.self) { try WindowCache(path: path, key: "key") }
    }
}
