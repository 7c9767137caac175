/// From what a person names to the header of a record, or to what is wrong with it.

/// The path of a record, as people give it.
public enum RecordPath {
    /// The header of `RECORD` or `RECORD.hea`.
    ///
    /// - Throws: `.notFound` where there is nothing; `.unsupported` with the format that was found and what to do where
    ///   there is another file than a header.
    static func header(of path: String) throws(RecordingError) -> String {
        if path.hasSuffix(".hea") { return path }
        let header = path + ".hea"
        if FileKind(path: header) != .nothing { return header }
        switch FileKind(path: path) {
        case .nothing: throw RecordingError.noFile(header)
        case .folder:
            throw RecordingError(
                .notFound,
                path,
                "it is a folder; give a record in it, or the folder to shinden classify"
            )
        case .file: throw foreign(path)
        }
    }

    /// Why a file that is no header is not read: what it is, and what to do.
    private static func foreign(_ path: String) -> RecordingError {
        if let record = recordBeside(path) {
            return RecordingError(
                .unsupported,
                path,
                "it is no header but one of a WFDB record's other files; give the record's name: \(record)"
            )
        }
        let (folder, name) = RecordPath.split(path)
        guard !name.hasPrefix("RECORDS") else {
            return RecordingError(
                .unsupported,
                path,
                "it is a list of records; give a record of it, or the list to shinden classify"
            )
        }
        let files = RecordingFiles(folder: folder)
        let count = (try? files.byteCount(of: name)) ?? 0
        let head = (try? files.bytes(of: name, in: 0..<min(count, ForeignFormat.headBytes))) ?? []
        guard let format = ForeignFormat(head: head, name: name) else {
            return RecordingError(
                .unsupported,
                path,
                "it is no WFDB record; give RECORD or RECORD.hea, or convert it to WFDB, for example with the function "
                    + "wrsamp of the Python package wfdb"
            )
        }
        return RecordingError(.unsupported, path, "it is \(format.name), which is not read; \(format.advice)")
    }

    /// The record to which a file belongs: the one of the same name, without the ending.
    private static func recordBeside(_ path: String) -> String? {
        let (folder, name) = RecordPath.split(path)
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        let record = folder + name[..<dot]
        return FileKind(path: record + ".hea") == .file ? record : nil
    }

    /// The folder with its slash, or nothing, and the name.
    static func split(_ path: String) -> (folder: String, name: String) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        return (folder, String(path.dropFirst(folder.count)))
    }
}

/// A file format of the field that is not read here, known by its first bytes.
struct ForeignFormat: Equatable {
    /// Bytes that are enough to know it: DICOM's mark stands at 128.
    static let headBytes = 4_096

    /// With its article: an EDF file.
    let name: String
    /// What to do.
    let advice: String

    /// The format of a file with those first bytes; nil for none that is known.
    init?(head: [UInt8], name file: String) {
        let toWFDB = "convert it to WFDB with "
        let wrsamp = "the function wrsamp of the Python package wfdb"
        func begins(_ text: String, at: Int = 0) -> Bool { head.dropFirst(at).starts(with: text.utf8) }
        let text = String(decoding: head, as: UTF8.self)
        if begins("0       ") || head.first == 0xFF && begins("BIOSEMI", at: 1) {
            name = head.first == 0xFF ? "a BDF file" : "an EDF file"
            advice =
                toWFDB
                + "edf2mit of the WFDB software package, or with the functions read_edf and wrsamp of the Python "
                + "package wfdb"
        } else if text.contains("<AnnotatedECG") || text.contains("urn:hl7-org:v3") {
            name = "an HL7 aECG (annotated ECG, XML) file"
            advice = "read its samples with a program of your own and write them as WFDB with " + wrsamp
        } else if begins("<?xml") || begins("\u{FEFF}<?xml") || begins("<") {
            name = "an XML file"
            advice = "read its samples with a program of your own and write them as WFDB with " + wrsamp
        } else if begins("MATLAB 5.0") || begins("\u{89}HDF") || head.starts(with: [0x89, 0x48, 0x44, 0x46])
            || file.hasSuffix(".mat")
        {
            name = "a MATLAB or HDF5 file"
            advice =
                "give the record's name where a header (.hea) stands beside it; else write it as WFDB with mat2wfdb of the "
                + "WFDB toolbox for MATLAB or with " + wrsamp
        } else if begins("GDF ") {
            name = "a GDF file"
            advice = toWFDB + wrsamp
        } else if begins("ISHNE1.0") {
            name = "an ISHNE Holter file"
            advice = toWFDB + wrsamp
        } else if begins("DICM", at: 128) {
            name = "a DICOM file"
            advice = toWFDB + wrsamp
        } else if begins("SCPECG", at: 16) {
            name = "an SCP-ECG file"
            advice = toWFDB + wrsamp
        } else if begins("RIFF"), begins("WAVE", at: 8) {
            name = "a WAV file"
            advice = toWFDB + "wav2mit of the WFDB software package"
        } else if file.lowercased().hasSuffix(".csv") {
            name = "a CSV file"
            advice = toWFDB + "the function csv_to_wfdb of the Python package wfdb"
        } else if file.lowercased().hasSuffix(".dat") {
            name = "a signal file without its header"
            advice = "fetch the header (.hea) that belongs to it and give the record's name"
        } else {
            return nil
        }
    }
}
