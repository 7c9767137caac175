import Foundation
import Recordings
import TestSupport
import Testing

@Suite struct RefusalTests {
    /// Record line, first signal line, kind and words of the refusal.
    static let refusals: [(String, String, RecordingError.Kind, String)] = [
        ("r/3 2 500 3", "a 16", .malformed, "1 segment lines where the record line says 3"),
        ("r", "", .malformed, "line 1: the record line has no number of signals"),
        ("r two", "", .malformed, "number of signals \"two\""),
        ("r -2", "", .malformed, "number of signals \"-2\" is not a whole number of 0 ... 64"),
        ("r 65", "", .malformed, "number of signals \"65\""),
        ("r 0", "", .unsupported, "no signals"),
        (
            "sub/r 1 500", "", .malformed,
            "the record's name \"sub/r\" holds a folder; write the name alone, \"r\""
        ),
        ("a/b/3 1 500", "", .malformed, "holds a folder"), ("r/ 1 500", "", .malformed, "holds a folder"),
        ("sub/100 1 500 6", "r.dat 16 200 12", .malformed, "if sub is a folder and no record"),
        ("r/2 1 500", "r_1 3", .malformed, "1 segment lines where the record line says 2"),
        ("r/99999 1 500", "", .malformed, "number of segments \"99999\""),
        ("r/1 1 500", "~ 3", .mismatch, "all its segments are gaps"),
        ("r/1 1 500", "r_1 3", .notFound, "r_1.hea: no such file"),
        ("r/1 1 500", "../r_1 3", .unsupported, "does not lie beside the header"),
        ("r 1 fast", "", .malformed, "sampling rate \"fast\" is not a decimal number"),
        ("r 1 -500", "", .malformed, "sampling rate \"-500\""),
        ("r 1 500 -1", "", .malformed, "number of samples \"-1\""),
        ("r 1 500 2000000000000", "", .malformed, "number of samples \"2000000000000\""),
        (
            "r 1 500 1000000000000", "r.dat 16", .mismatch,
            "the header claims 2000000000000 bytes for 1000000000000"
        ),
        (
            "r 1 500 7", "r.dat 16", .mismatch,
            "line 2: r.dat has 12 bytes where the header claims 14 bytes for 7"
        ),
        ("r 1 500", "r.dat 16+11", .mismatch, "r.dat has no samples"),
        ("r 1 500", "r.dat 16+12", .mismatch, "r.dat has no samples"),
        ("r 1 500", "r.dat 16+99", .mismatch, "r.dat"),
        ("r 1 500", "s.dat 16", .notFound, "s.dat: no such file; the record's header names it"),
        ("r 2 500 3", "r.dat 16", .malformed, "1 signal lines where the record line says 2"),
        ("r 1 500 6", "r.dat", .malformed, "signal 1 has no format"),
        (
            "r 1 500 6", "r.dat 81", .unsupported,
            "line 2: signal format 81 is not read: the formats are 8, 16"
        ),
        ("r 1 500 6", "r.dat 516", .unsupported, "it is compressed by FLAC"),
        ("r 1 500 6", "~ 16", .unsupported, "this is the layout of a record with segments"),
        ("r 1 500 6", "r.dat 16x0", .malformed, "samples per frame \"0\""),
        ("r 1 500 6", "r.dat 16x9999", .malformed, "samples per frame \"9999\""),
        ("r 1 500 6", "r.dat 16x2", .mismatch, "the header claims 24 bytes for 6 samples"),
        ("r 1 500 6", "r.dat 16:99999999", .malformed, "skew \"99999999\""),
        ("r 1 500 6", "r.dat 16z", .malformed, "the unknown ending \"z\""),
        ("r 1 500 6", "r.dat 16+", .malformed, "byte offset \"\""),
        ("r 1 500 6", "/etc/passwd 16", .unsupported, "does not lie beside the header"),
        ("r 1 500 6", "- 16", .unsupported, "does not lie beside the header"),
        ("r 1 500 6", "r.dat 16 much", .malformed, "gain \"much\" is not a number"),
        ("r 1 500 6", "r.dat 16 nan", .malformed, "gain \"nan\""),
        ("r 1 500 6", "r.dat 16 200(1", .malformed, "a closing bracket is missing"),
        ("r 1 500 6", "r.dat 16 200(x)", .malformed, "baseline \"x\""),
        ("r 1 500 6", "r.dat 16 200 99", .malformed, "ADC resolution \"99\""),
        ("r 1 500 6", "r.dat 16 200 16 9999999999", .malformed, "ADC zero"),
        ("r 1 500 6", "r.dat 16 200 16 0 2", .mismatch, "the first value is 1, the header's 2"),
        (
            "r 1 500 6", "r.dat 16 200 16 0 1 61", .mismatch,
            "channel signal 1: the samples' sum is 60, the header's 61"
        ),
        ("r 1 500 6", "r.dat 16 200 16 0 1 70000", .malformed, "checksum \"70000\""),
        ("r 1 500 6", "r.dat 16 200 16 0 0 61", .mismatch, "the samples' sum is 60, the header's 61"),
        ("r 1 500 6", "r.dat 16 200 16 0 2 0", .mismatch, "the first value is 1, the header's 2"),
        ("r 1 500 6", "r.dat 16 200 16 0 1 60 x", .malformed, "block size \"x\""),
    ]

    @Test(arguments: refusals) func `a header that lies or is not read here is refused with place and value`(
        line: String,
        signal: String,
        kind: RecordingError.Kind,
        words: String
    ) throws {
        let refusal = #expect(throws: RecordingError.self) { try record(line, [signal]) }
        #expect(refusal?.kind == kind)
        #expect(refusal?.description.contains(words) == true, "\(refusal?.description ?? "none")")
    }

    @Test func `signals of one file stand together and agree`() {
        let files = ["a": little([1, 2]), "b": little([3])]
        let apart = #expect(throws: RecordingError.self) {
            try record("r 3 500", ["a 16", "b 16", "a 16"], files: files)
        }
        #expect(apart?.description.contains("line 4: the signals of a do not stand together") == true)
        let mixed = #expect(throws: RecordingError.self) {
            try record("r 2 500", ["a 16", "a 212"], files: files)
        }
        #expect(mixed?.kind == .unsupported)
        let uneven = #expect(throws: RecordingError.self) {
            try record("r 2 500", ["a 16", "b 16"], files: files)
        }
        #expect(uneven?.kind == .mismatch && uneven?.place == "folder/r.hea")
    }

    @Test func `long headers, long lines, surplus signals and empty files are refused`() {
        let surplus = #expect(throws: RecordingError.self) {
            try record("r 1 500", ["r.dat 16", "r.dat 16"])
        }
        #expect(surplus?.description.contains("line 3: more signal lines than the 1") == true)
        for header in [
            "", "# only a comment\n", String(repeating: "#\n", count: 200_000),
            String(repeating: "x", count: 5_000),
        ] {
            let refusal = #expect(throws: RecordingError.self) {
                try decode(header: Array(header.utf8), files: [:])
            }
            #expect(refusal?.kind == .malformed)
        }
    }

    @Test(arguments: fixtureNames)
    func `a fixture that is one byte short is refused, one that is longer is said`(
        name: String
    ) throws {
        let file = "\(name.split(separator: "/")[1]).dat"
        let header = fixtureBytes(name + ".hea")
        let bytes = fixtureBytes(name + ".dat")
        _ = try decode(header: header, files: [file: bytes])
        let refusal = #expect(throws: RecordingError.self) {
            try decode(header: header, files: [file: Array(bytes.dropLast())])
        }
        #expect(refusal?.kind == .mismatch)
        let longer = try decode(header: header, files: [file: bytes + [0, 0, 0]])
        let samples = longer.frameCount
        #expect(longer.remarks.contains(.fileLonger(file: file, samples: samples, bytesLeft: 3)))
    }

    @Test(arguments: seeds(200)) func `a changed sample is noticed by its sum`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let header = fixtureBytes("mitdb/100_0000.hea")
        var bytes = fixtureBytes("mitdb/100_0000.dat")
        let at = Int.random(in: bytes.indices, using: &generator)
        bytes[at] ^= UInt8.random(in: 1...255, using: &generator)
        #expect(throws: RecordingError.self, "seed \(seed)") {
            try decode(header: header, files: ["100_0000.dat": bytes])
        }
    }

    @Test(arguments: seeds(2_000)) func `P01: a mutated recording is read or refused, never a crash`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let name =
            ["mitdb/100_0000", "cinc2017/A00015", "ptbxl100/10128_lr"].randomElement(using: &generator) ?? ""
        let file = "\(name.split(separator: "/")[1]).dat"
        let header = mutated(fixtureBytes(name + ".hea"), using: &generator)
        var bytes = Array(fixtureBytes(name + ".dat").prefix(Bool.random(using: &generator) ? 64_800 : 3_000))
        if Bool.random(using: &generator) { bytes = mutated(bytes, using: &generator) }
        do {
            let recording = try decode(header: header, files: [file: bytes])
            for (number, channel) in recording.channels.enumerated() {
                // What a mutated header may claim is as long as the file; a stretch at either end is enough.
                for range in [
                    0..<min(100, channel.sampleCount), max(0, channel.sampleCount - 7)..<channel.sampleCount,
                ] {
                    #expect(try recording.samples(of: number, in: range).count == range.count, "seed \(seed)")
                }
            }
            for remark in recording.remarks { #expect(!remark.description.isEmpty, "seed \(seed)") }
            _ = try? RecordedStream.read(recording).stream.allChunks()
        } catch { #expect(!error.reason.isEmpty, "seed \(seed)") }
    }

    @Test(arguments: seeds(3_000)) func `P01: mutated headers of any form are read or refused, never a crash`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let folder = GoldenFormatTests.folder
        let record = GoldenFormatTests.expected.keys.sorted().randomElement(using: &generator) ?? ""
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name.hasPrefix(record.prefix { $0 != "_" }) {
            files[name] = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
        }
        for name in files.keys.sorted() where name.hasSuffix(".hea") {
            files[name] = mutated(files[name] ?? [], using: &generator)
        }
        do {
            let recording = try Recording(header: record + ".hea", in: RecordingFiles(memory: files))
            for (number, channel) in recording.channels.enumerated() {
                for range in [
                    0..<min(50, channel.sampleCount), max(0, channel.sampleCount - 7)..<channel.sampleCount,
                ] {
                    #expect(try recording.samples(of: number, in: range).count == range.count, "seed \(seed)")
                }
            }
            for remark in recording.remarks { #expect(!remark.description.isEmpty, "seed \(seed)") }
            let stream = try RecordedStream.read(recording).stream
            var chunks = stream.chunks
            for _ in 0..<3 { _ = try chunks.next() }
        } catch { #expect(!error.reason.isEmpty, "seed \(seed)") }
    }

    /// One to four edits: a bit, a byte of the header's alphabet, a cut, a repetition, a huge number.
    private func mutated(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            guard let at = bytes.indices.randomElement(using: &generator) else { break }
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            case 1: bytes[at] = Array("0123456789()/+:x.- \n#~eV".utf8).randomElement(using: &generator) ?? 0
            case 2:
                bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...40, using: &generator)))
            case 3: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 30)], at: at)
            default: bytes.insert(contentsOf: Array("99999999999".utf8), at: at)
            }
        }
        return bytes
    }
}
