import Digest
import ECGSignal
import Recordings
import TestSupport
import Testing

@Suite struct EpochTests {
    private func epoch(
        _ recording: Recording,
        leads: String? = nil,
        nameLeads: String? = nil
    ) throws -> UInt64 {
        try RecordedStream.read(recording, leads: leads, nameLeads: nameLeads).stream.identity.epoch
    }

    private func one(
        _ line: String = "r.dat 16 200(0)/mV 16 0 0 0 0 II",
        record: String = "r 1 500 4",
        bytes: [UInt8] = little([1, 2, 3, 4])
    ) throws -> Recording {
        try decode(header: Array("\(record)\n\(line)\n".utf8), files: ["r.dat": bytes, "s.dat": bytes])
    }

    /// RFC 7693, appendix A, has the digest of 64 bytes; this is libsodium's of 32 as b2sum -l 256 prints it.
    @Test func `BLAKE2b is RFC 7693's, in whatever pieces`() {
        var hash = BLAKE2b()
        for byte in "abc".utf8 { hash.update([byte]) }
        let digest = hash.digest()
        #expect(
            SHA256.hexadecimal(digest)
                == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"
        )
    }

    @Test func `whatever changes a value changes the epoch`() throws {
        let base = try epoch(one())
        #expect(base != 0)
        let others = [
            try one(bytes: little([1, 2, 3, 5])), try one("r.dat 16 201/mV 16 0 0 0 0 II"),
            try one("r.dat 16 200(1)/mV 16 0 0 0 0 II"), try one("r.dat 16 -200/mV 16 0 0 0 0 II"),
            try one("r.dat 16 200/uV 16 0 0 0 0 II"), try one("r.dat 61 200/mV 16 0 0 0 0 II"),
            try one("r.dat 160 200/mV 16 0 0 0 0 II"), try one("r.dat 16:1 200/mV 16 0 0 0 0 II"),
            try one("r.dat 16x2 200/mV 16 0 0 0 0 II", record: "r 1 500 2"), try one(record: "r 1 250 4"),
            try one(record: "r 1 500 3"), try one("r.dat 16 200/mV 16 0 0 0 0 V1"),
        ]
        let epochs = try others.map { try epoch($0) }
        #expect(Set(epochs + [base]).count == others.count + 1)
    }

    @Test func `what changes no value changes no epoch`() throws {
        let base = try epoch(one())
        let same = [
            try one("r.dat 16 200/mV 16 0 0 0 0 ii"), try one("r.dat 16"),
            try one("r.dat 16 0.2/uV 16 0 0 0 0 II"),
            try one("s.dat 16 200 16 0 1 10 0 II"), try one("r.dat 16 200/mV 12 0 1 10 0 MLII"),
            try one(record: "other 1 500.0 4 10:00:00 01/01/2001"), try one(bytes: little([1, 2, 3, 4, 5])),
        ]
        for (number, recording) in same.enumerated() {
            #expect(try epoch(recording, nameLeads: "II") == base, "form \(number)")
        }
    }

    @Test func `leads are one selection however they are written`() throws {
        let recording = try Recording.load("\(fixtures)/ptbxl/00017_hr")
        let all = try epoch(recording)
        let two = try epoch(recording, leads: "I,II")
        #expect(all != two)
        #expect(try epoch(recording, leads: "i,ii") == two)
        #expect(try epoch(recording, leads: "II,I") == two)
        let names = recording.channels.map { $0.name.lowercased() }.joined(separator: ",")
        #expect(try epoch(recording, nameLeads: names) == all)
        #expect(try epoch(recording, leads: "I,V1") != two)
    }
}
