import ECGSignal
import Recordings
import Testing

@Suite struct LeadAssignmentTests {
    @Test func `the standard names are read in any case, without a word`() throws {
        let names = ["i", "II", "III", "AVR", "aVL", "avf", "v1", "V2", "V3", "V4", "V5", "V6"]
        let assignment = try LeadAssignment(channelNames: names)
        #expect(assignment.assignments.map(\.lead) == Lead.standard)
        #expect(assignment.assignments.map(\.channel) == Array(0..<12))
        #expect(assignment.remarks.isEmpty)
    }

    @Test func `MLII is read as II, and an only unknown channel as PATCH, and both are said`() throws {
        let ambulatory = try LeadAssignment(channelNames: ["MLII", "V5"])
        #expect(ambulatory.assignments.map(\.lead) == [.ii, .v5])
        #expect(ambulatory.remarks == ["channel 1, MLII, is read as II"])
        let single = try LeadAssignment(channelNames: ["ECG"])
        #expect(single.assignments.map(\.lead) == [.patch])
        #expect(single.remarks == ["channel 1, ECG, is read as PATCH"])
    }

    @Test func `an unknown name among several is refused unless others are selected`() throws {
        let refusal = #expect(throws: RecordingError.self) {
            try LeadAssignment(channelNames: ["II", "resp"])
        }
        #expect(refusal?.kind == .leads)
        #expect(refusal?.description.contains("channel 2: \"resp\" is no lead") == true)
        let selected = try LeadAssignment(channelNames: ["II", "resp"], leads: "II")
        #expect(selected.assignments.map(\.lead) == [.ii])
        #expect(selected.remarks == ["channel 2, resp, is no lead that is known and is left out"])
    }

    @Test func `names given by hand hold in file order, and are said`() throws {
        let assignment = try LeadAssignment(channelNames: ["noise1", "V1"], nameLeads: "i,V1")
        #expect(assignment.assignments.map(\.lead) == [.i, .v1])
        #expect(assignment.remarks == ["channel 1, noise1, is read as I, as told"])
    }

    @Test func `a selection keeps file order`() throws {
        let assignment = try LeadAssignment(channelNames: ["I", "II", "V1"], leads: "V1,I")
        #expect(assignment.assignments.map(\.lead) == [.i, .v1])
        #expect(assignment.assignments.map(\.channel) == [0, 2])
    }

    @Test(
        arguments: [
            (["I", "II"], "I", nil, "--name-leads: 1 names for 2 channels"),
            (["I", "II"], "I,X9", nil, "--name-leads: \"X9\" is no lead"),
            (["I", "II"], "I,I", nil, "--name-leads: I is named twice"),
            (["I", "II"], nil, "V1", "--leads: V1 is not in the recording, which has I, II"),
            (["I", "II"], nil, "", "--leads: \"\" is no lead"),
            (["MLII", "II"], nil, nil, "channel 2: it and channel 1 are both lead II"),
        ] as [([String], String?, String?, String)]
    ) func `what cannot be assigned is refused with option or channel`(
        names: [String],
        nameLeads: String?,
        leads: String?,
        words: String
    ) {
        let refusal = #expect(throws: RecordingError.self) {
            try LeadAssignment(channelNames: names, nameLeads: nameLeads, leads: leads)
        }
        #expect(refusal?.kind == .leads)
        #expect(refusal?.description.contains(words) == true, "\(refusal?.description ?? "none")")
    }
}
