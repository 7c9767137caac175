import ECGSignal
import Recordings
import TestSupport
import Testing

@Suite struct LeadAssignmentTests {
    /// Channels of those names, in millivolts unless the name has another unit behind a slash.
    private func channels(_ names: [String], rate: Int = 500) throws -> [Recording.Channel] {
        let lines = names.map { name in
            let parts = name.split(separator: "/", omittingEmptySubsequences: false)
            return "r.dat 16 200/\(parts.count > 1 ? parts[1] : "mV") 16 0 0 0 0 \(parts[0])"
        }
        let bytes = [UInt8](repeating: 0, count: 2 * names.count)
        return try record("r \(names.count) \(rate) 1", lines, files: ["r.dat": bytes]).channels
    }

    private func assignment(
        _ names: [String],
        nameLeads: String? = nil,
        leads: String? = nil
    ) throws -> LeadAssignment {
        try LeadAssignment(of: channels(names), nameLeads: nameLeads, leads: leads)
    }

    @Test func `the standard names are read in any case, without a word`() throws {
        let names = ["i", "II", "III", "AVR", "aVL", "avf", "v1", "V2", "V3", "V4", "V5", "V6"]
        let assignment = try assignment(names)
        #expect(assignment.assignments.map(\.lead) == Lead.standard)
        #expect(assignment.assignments.map(\.channel) == Array(0..<12))
        #expect(assignment.remarks.isEmpty)
    }

    @Test(
        arguments: [
            ("MLI", .i), ("MLII", .ii), ("MLIII", .iii), ("ML2", .ii), ("mlii", .ii), ("ECG lead II", .ii),
            ("ECG_lead_II", .ii), ("ECG I", .i), ("Lead II", .ii), ("lead_aVF", .aVF), ("ECG-V5", .v5),
            ("EKG III", .iii),
            ("DI", .i), ("DII", .ii), ("DIII", .iii), ("D1", .i), ("D3", .iii), ("MCL1", .v1), ("MCL6", .v6),
            ("ECGV2", .v2), ("leadII", .ii), ("Modified Lead II", .ii), ("V1 (ECG)", .v1), ("ECG aVR", .aVR),
        ] as [(String, Lead)]
    ) func `the field's spellings are read, and each is said`(name: String, lead: Lead) throws {
        let assignment = try assignment([name, "V3"])
        #expect(assignment.assignments.map(\.lead) == [lead, .v3])
        #expect(assignment.remarks == [.readAs(.init(1, name), lead)])
    }

    @Test(arguments: [
        "CM5", "V", "CC5", "vx", "Vy", "X", "ABP", "RESP", "Resp A", "PLETH", "CO2", "EEG (C4-A1)", "EMG",
        "BP", "SpO2",
        "II+", "A-I", "ECG 1", "ECG1", "lead 2", "foo",
    ]) func `what has no standard position, or is no ECG, is left out beside a lead, and is said`(
        name: String
    ) throws {
        let assignment = try assignment(["II", name])
        #expect(assignment.assignments == [.init(channel: 0, lead: .ii)])
        #expect(assignment.remarks.count == 1)
        #expect(assignment.remarks[0].description.contains("channel 2, \(name), "))
        #expect(assignment.remarks[0].description.contains("left out"))
    }

    @Test func `what is no voltage is left out whatever its name`() throws {
        let assignment = try assignment(["ABP/mmHg", "II", "V1/bpm"])
        #expect(assignment.assignments == [.init(channel: 1, lead: .ii)])
        #expect(
            assignment.remarks == [
                .noVoltage(.init(1, "ABP"), unit: "mmHg"), .noVoltage(.init(3, "V1"), unit: "bpm"),
            ]
        )
        for leads in ["II", " ii "] {
            #expect(try self.assignment(["ABP/mmHg", "II"], leads: leads).assignments.map(\.lead) == [.ii])
        }
    }

    @Test(arguments: [
        ["ECG"], ["foo"], ["CM5"], ["V"], ["ECG", "RESP"], ["ABP/mmHg", "ekg"], ["EEG", "ECG", "foo"],
        ["ECG1", "PLETH/NU"],
    ]) func `the only ECG of an unknown place is read as PATCH, with advice`(names: [String]) throws {
        let assignment = try assignment(names)
        #expect(assignment.assignments.map(\.lead) == [.patch])
        #expect(assignment.remarks.contains { $0.description.contains("--name-leads II") })
    }

    @Test(arguments: [["ECG1", "ECG2"], ["ECG", "ECG"], ["noise1", "noise2"], ["CM5", "V"]])
    func `several channels without a lead's name are refused, all of them named`(names: [String]) throws {
        for leads in [nil, "II"] {
            let refusal = #expect(throws: RecordingError.self) { try assignment(names, leads: leads) }
            #expect(refusal?.kind == .leads)
            #expect(refusal?.reason.contains("the channels are \(names[0]), \(names[1]);") == true)
            #expect(refusal?.reason.contains("--name-leads II,V1") == true)
        }
    }

    @Test func `a recording without an ECG is refused with each channel's reason`() throws {
        let refusal = #expect(throws: RecordingError.self) { try assignment(["ABP/mmHg", "PLETH"]) }
        #expect(refusal?.reason.contains("channel 1, ABP, is in mmHg, no voltage") == true)
        #expect(refusal?.reason.contains("channel 2, PLETH, is no ECG") == true)
    }

    @Test func `a rate that no stream can have leaves a channel out`() throws {
        let refusal = #expect(throws: RecordingError.self) {
            try LeadAssignment(of: channels(["II"], rate: 50))
        }
        #expect(refusal?.kind == .leads)
        #expect(refusal?.reason.contains("50.0 Hz, which is not within 100 ... 2,000 Hz") == true)
        // Its name is that of a lead, so nobody is told that none is known.
        #expect(refusal?.reason.contains("no channel can be taken as an ECG") == true)
    }

    @Test func `names given by hand hold in file order, and are said`() throws {
        let assignment = try assignment(["noise1", "V1"], nameLeads: "i,V1")
        #expect(assignment.assignments.map(\.lead) == [.i, .v1])
        #expect(assignment.remarks == [.namedByHand(.init(1, "noise1"), .i)])
        #expect(try self.assignment(["a", "b"], nameLeads: "MLII,DI").assignments.map(\.lead) == [.ii, .i])
    }

    @Test(arguments: ["none", "None", "-"]) func `a word of --name-leads leaves a channel out`(
        word: String
    ) throws {
        let assignment = try assignment(["ECG1", "ECG2", "ABP/mmHg"], nameLeads: "II,\(word),none")
        #expect(assignment.assignments == [.init(channel: 0, lead: .ii)])
        #expect(assignment.remarks.contains(.leftOutByHand(.init(2, "ECG2"))))
    }

    @Test func `a selection keeps file order and tells two channels of one lead apart where it can`() throws {
        let assignment = try assignment(["I", "II", "V1"], leads: "V1,i")
        #expect(assignment.assignments.map(\.lead) == [.i, .v1])
        #expect(assignment.assignments.map(\.channel) == [0, 2])
        #expect(try self.assignment(["MLII", "II", "V5"], leads: "V5").assignments.map(\.lead) == [.v5])
    }

    @Test(
        arguments: [
            (["I", "II"], "I", nil, "--name-leads: 1 names for 2 channels (I, II)"),
            (["I", "II"], "I,X9", nil, "--name-leads: \"X9\" is no lead"),
            (["I", "II"], "I,I", nil, "--name-leads: I is named twice"),
            (["I", "II"], "none,none", nil, "--name-leads: every channel is left out"),
            (
                ["I", "ABP/mmHg"], "I,II", nil,
                "channel 2, ABP, is in mmHg, no voltage and cannot be II; write none for it"
            ),
            (["I", "II"], nil, "V1", "--leads: V1 is not in the recording, which has I, II"),
            (["I", "II"], nil, "", "--leads: \"\" is no lead"),
            (["I", "II"], nil, "I,I", "--leads: I is named twice"),
            (["MLII", "II"], nil, nil, "channel 2: it and channel 1 are both lead II"),
        ] as [([String], String?, String?, String)]
    ) func `what cannot be assigned is refused with option or channel`(
        names: [String],
        nameLeads: String?,
        leads: String?,
        words: String
    ) throws {
        let refusal = #expect(throws: RecordingError.self) {
            try assignment(names, nameLeads: nameLeads, leads: leads)
        }
        #expect(refusal?.kind == .leads)
        #expect(refusal?.description.contains(words) == true, "\(refusal?.description ?? "none")")
    }
}
