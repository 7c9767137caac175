import ECGSignal
import Foundation
import Recordings

/// The repository's Fixtures folder.
let fixtures = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/Fixtures"

/// Every record of a real patient among the fixtures as `SOURCE/RECORD`, in order of name.
let fixtureNames: [String] = {
    let folders = (try? FileManager.default.contentsOfDirectory(atPath: fixtures)) ?? []
    return folders.filter { $0 != "cases" }.flatMap { folder in
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(fixtures)/\(folder)")) ?? [])
            .filter { $0.hasSuffix(".hea") }.map { "\(folder)/\($0.dropLast(4))" }
    }.sorted()
}()

/// The bytes of a fixture's file; empty where there is none.
func fixtureBytes(_ name: String) -> [UInt8] {
    [UInt8]((try? Data(contentsOf: URL(fileURLWithPath: "\(fixtures)/\(name)"))) ?? Data())
}

/// A record in memory: two channels of format 16 with the values 1, 10, 2, 20, -3, 30 unless told otherwise.
func record(
    _ recordLine: String = "r 2 500 3",
    _ signalLines: [String] = ["r.dat 16 1000/mV 16 0 1 0 0 I", "r.dat 16 1000/mV 16 0 10 60 0 II"],
    files: [String: [UInt8]] = ["r.dat": little([1, 10, 2, 20, -3, 30])]
) throws -> Recording {
    let header = ([recordLine] + signalLines).joined(separator: "\n") + "\n"
    return try decode(header: Array(header.utf8), files: files)
}

/// Decodes header bytes with signal files in memory.
func decode(header: [UInt8], files: [String: [UInt8]]) throws(RecordingError) -> Recording {
    var all = files
    all["r.hea"] = header
    return try Recording(header: "r.hea", in: RecordingFiles(memory: all, folder: "folder/"))
}

/// Decodes texts of headers with signal files in memory; the record is `r`.
func decode(headers: [String: String], files: [String: [UInt8]]) throws(RecordingError) -> Recording {
    var all = files
    for (name, text) in headers { all[name + ".hea"] = Array(text.utf8) }
    return try Recording(header: "r.hea", in: RecordingFiles(memory: all, folder: "folder/"))
}

extension Recording {
    /// All samples of a channel.
    func all(_ channel: Int) throws -> RecordedSamples {
        try samples(of: channel, in: 0..<channels[channel].sampleCount)
    }

    /// `[time]`, whole units; empty where the channel has real numbers.
    func digital(_ channel: Int) throws -> [Int32] {
        if case .integers(let values) = try all(channel).values { values } else { [] }
    }

    /// `[time]`, the channel's physical unit, NaN where missing.
    func physical(_ channel: Int) throws -> [Double] {
        let samples = try all(channel)
        var values: [Double] =
            switch samples.values {
            case .integers(let all): all.map { Double($0) * (channels[channel].unitsPerStep ?? .nan) }
            case .reals(let all): all.map { Double($0) }
            }
        for range in samples.missing { for index in range { values[index] = .nan } }
        return values
    }

    /// `[time]`, millivolts as the pipeline takes them, of a lead of the recording's stream.
    func millivolts(_ lead: Lead) throws -> [Float] {
        let stream = try RecordedStream.read(self).stream
        guard let found = stream.leads.first(where: { $0.lead == lead }) else { return [] }
        return try found.millivolts(0..<found.sampleCount)
    }
}

/// 16-bit values, low byte first.
func little(_ values: [Int]) -> [UInt8] {
    values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
}

/// 12-bit values packed as format 212 by way of a string of bits: slow and obvious.
func packed212(_ values: [Int]) -> [UInt8] {
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: values.count, by: 2) {
        let first = bits12(values[start])
        let second = start + 1 < values.count ? bits12(values[start + 1]) : bits12(0)
        bytes.append(byte(first.suffix(8)))
        bytes.append(byte(second.prefix(4) + first.prefix(4)))
        if start + 1 < values.count { bytes.append(byte(second.suffix(8))) }
    }
    return bytes
}

private func bits12(_ value: Int) -> String {
    let bits = String((value + 4_096) % 4_096, radix: 2)
    return String(repeating: "0", count: 12 - bits.count) + bits
}

private func byte(_ bits: some StringProtocol) -> UInt8 { UInt8(bits, radix: 2) ?? 0 }
