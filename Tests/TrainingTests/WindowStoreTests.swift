import DataSets
import Foundation
import TestSupport
import Testing

@testable import Training

/// Which windows are learned from.
@Suite struct WindowStoreTests {
    private let folder = TemporaryFolder()
    private var path: String { folder.path + "/windows" }

    /// Lead II at 500 Hz: a spike of 1 mV every 0.8 s on a slow wave, 0 in `flat`, samples.
    private func write(_ name: String, seconds: Int, flat: Range<Int>) throws {
        let count = seconds * 500
        let samples = (0..<count).map { place -> Int16 in
            if flat.contains(place) { return 0 }
            let beat = place % 400
            return Int16(abs(place % 700 - 350) / 7 + (beat < 20 ? 200 - abs(beat - 10) * 20 : 0))
        }
        try folder.write("\(name) 1 500 \(count)\n\(name).dat 16 200/mV 16 0 0 0 0 II\n", to: "\(name).hea")
        let bytes = samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/\(name).dat"))
    }

    /// A healthy record, one that is flat for its first 20 of 30 s, and one that is flat all the time; all are learned from.
    private func split() throws -> TrainingSplit {
        try write("healthy", seconds: 11, flat: 0..<0)
        try write("late", seconds: 30, flat: 0..<10_000)
        try write("dead", seconds: 12, flat: 0..<6_000)
        try folder.write(
            "record,label_ids,fold\nhealthy,normal,1\nlate,normal,1\ndead,normal,1\n",
            to: "LIST.csv"
        )
        return TrainingSplit(try DataSet.read([folder.path + "/LIST.csv"]), TrainingOptions())
    }

    private func open(_ split: TrainingSplit) throws -> WindowStore {
        try #require(try WindowStore.open(split, path: path, threads: 1) { _, _ in true })
    }

    @Test
    func `what the daemon withholds is not learned from, and a recording without other windows is listed`()
        throws
    {
        let store = try open(split())
        #expect(store.training.map(\.recording) == [0, 1])
        #expect(store.leftOut.map(\.path) == [folder.path + "/dead"])
        #expect(store.leftOut[0].reason.contains("the daemon withholds each of its 1 windows"))
        #expect(store.cache.index.leavesOutWithheld == true)
    }

    @Test func `a file of a version that kept withheld windows serves on as it is`() throws {
        let split = try split()
        let key = try open(split).key
        let writer = try WindowCache.Writer(path: path, key: key)
        var index = WindowCache.Index()
        var cutter = WindowCutter()
        for (number, recording) in split.training.enumerated() {
            for window in try WindowStore.cut(recording, &cutter, keepsSettled: true, keepsWithheld: true)
                .windows
            {
                let started = try writer.append(window.started)
                let settled = try window.settled.map { try writer.append($0) } ?? started
                index.windows.append(.init(recording: number, started: started, settled: settled))
            }
        }
        try writer.finish(index)
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let store = try open(split)
        #expect(store.training.map(\.recording) == [0, 1, 1, 1, 2])
        #expect(store.cache.index.leavesOutWithheld == nil)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }
}
