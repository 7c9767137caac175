import Foundation
import Recordings
import TestSupport
import Testing

/// A folder that is removed with this value.
private final class Scratch {
    let path = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString

    init(_ files: [String: String]) throws {
        for (name, text) in files {
            let url = URL(fileURLWithPath: "\(path)/\(name)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            // A character of Latin-1 is a byte.
            try Data(text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }).write(to: url)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct RecordListTests {
    private let header = "r 1 500 3\nr.dat 16\n"

    @Test func `a folder stands for its records, in order of path, its segments not counted again`() throws {
        let scratch = try Scratch([
            "b.hea": header, "a.hea": header, "deep/er/c.hea": header, "note.txt": "",
            "s.hea": "s/2 1 500\ns_1 3\n~ 2\n",
            "s_1.hea": header, "broken.hea": "",
        ])
        let list = try RecordList([scratch.path])
        #expect(list.entries.map(\.label) == ["a", "b", "broken", "c", "s"])
        #expect(
            list.entries.map(\.path)
                == ["a", "b", "broken", "deep/er/c", "s"].map { "\(scratch.path)/\($0)" }
        )
    }

    @Test func `a list of records names them, also folders with lists of their own`() throws {
        let scratch = try Scratch([
            "RECORDS": "x/one\r\n\n# no record\nx/two.hea \ny/\n", "x/one.hea": header, "x/two.hea": header,
            "unlisted.hea": header, "y/RECORDS": "one\n", "y/one.hea": header, "y/other.hea": header,
        ])
        for path in [scratch.path, scratch.path + "/", scratch.path + "/RECORDS"] {
            let list = try RecordList([path])
            let folder = scratch.path + "/"
            #expect(list.entries.map(\.path) == [folder + "x/one", folder + "x/two.hea", folder + "y/one"])
            // Two records are called one.
            #expect(list.entries.map(\.label) == [folder + "x/one", "two", folder + "y/one"])
        }
    }

    @Test(.enabled(if: geteuid() != 0, "root reads every folder"))
    func `a folder below that cannot be read is one entry with its fault`() throws {
        let scratch = try Scratch(["a.hea": header, "shut/b.hea": header, "z.hea": header])
        let files = FileManager.default
        try files.setAttributes([.posixPermissions: 0], ofItemAtPath: scratch.path + "/shut")
        defer { try? files.setAttributes([.posixPermissions: 0o700], ofItemAtPath: scratch.path + "/shut") }
        let list = try RecordList([scratch.path])
        #expect(list.entries.map { $0.fault?.kind } == [nil, .unreadable, nil])
    }

    @Test func `a record knows the line of the list that names it`() throws {
        let scratch = try Scratch([
            "RECORDS": "# two\n\none\nsub\n", "one.hea": header, "sub/RECORDS": "two\n",
        ])
        let origins = try RecordList([scratch.path]).entries.map(\.origin)
        #expect(origins == [" (\(scratch.path)/RECORDS, line 3)", " (\(scratch.path)/sub/RECORDS, line 1)"])
    }

    @Test func `single records stay as they are given`() throws {
        let list = try RecordList(["a/x", "b/x.hea", "y.hea", "no-such"])
        #expect(list.entries.map(\.path) == ["a/x", "b/x.hea", "y.hea", "no-such"])
        #expect(list.entries.map(\.label) == ["a/x", "b/x.hea", "y", "no-such"])
    }

    @Test func `a folder or list without a record is refused by name`() throws {
        let scratch = try Scratch(["empty/note.txt": "", "lists/RECORDS": "\n"])
        for folder in ["empty", "lists"] {
            let refusal = #expect(throws: RecordingError.self) {
                try RecordList(["\(scratch.path)/\(folder)"])
            }
            #expect(refusal?.kind == .notFound && refusal?.place.contains(folder) == true)
        }
        let circle = try Scratch(["RECORDS": "./\n"])
        let refusal = #expect(throws: RecordingError.self) { try RecordList([circle.path]) }
        #expect(refusal?.reason.contains("nested too deeply") == true)
    }

    @Test(arguments: [
        ("x.edf", "0       Patient", "an EDF file", "edf2mit"),
        ("x.bdf", "\u{FF}BIOSEMI", "a BDF file", "edf2mit"),
        (
            "x.xml", "<?xml version=\"1.0\"?>\n<AnnotatedECG xmlns=\"urn:hl7-org:v3\">", "an HL7 aECG",
            "wrsamp"
        ),
        ("x.xml", "<?xml version=\"1.0\"?>\n<RestingECG>", "an XML file", "wrsamp"),
        ("x.mat", "MATLAB 5.0 MAT-file", "a MATLAB or HDF5 file", "mat2wfdb"),
        ("x.csv", "time,I\n", "a CSV file", "csv_to_wfdb"),
        ("x.dat", "\u{1}\u{2}", "a signal file without its header", ".hea"),
        ("x.foo", "anything", "it is no WFDB record", "wrsamp"),
        ("RECORDS", "x\n", "it is a list of records", "shinden classify"),
        ("x.ecg", "ISHNE1.0", "an ISHNE Holter file", "wrsamp"),
    ]) func `a file of another format is called by its name, with what to do`(
        name: String,
        text: String,
        format: String,
        tool: String
    ) throws {
        let scratch = try Scratch([name: text])
        let refusal = #expect(throws: RecordingError.self) { try Recording.load("\(scratch.path)/\(name)") }
        #expect(refusal?.kind == .unsupported)
        #expect(refusal?.reason.contains(format) == true && refusal?.reason.contains(tool) == true)
    }

    @Test(arguments: ["x.dat", "x.mat", "x.atr"]) func `another file of a record leads to the record's name`(
        name: String
    ) throws {
        let scratch = try Scratch([name: "MATLAB 5.0", "x.hea": header])
        let refusal = #expect(throws: RecordingError.self) { try Recording.load("\(scratch.path)/\(name)") }
        #expect(refusal?.kind == .unsupported)
        #expect(refusal?.reason.contains("give the record's name: \(scratch.path)/x") == true)
    }
}
