import ECGEncoder
import Machine
import Service
import Testing

@testable import Doctor

/// What is said of machines that are not at hand.
@Suite struct MachineExaminationTests {
    private let processor = Processor(name: "test", count: 2, features: [])

    @Test func `a processor without AVX2 is a warning, with it none`() {
        #expect(MachineExamination.processor(processor, form: .portable).grade == .warn)
        #expect(MachineExamination.processor(processor, form: .avx2).grade == .pass)
        #expect(MachineExamination.processor(processor, form: .avx512).words.contains("avx512"))
    }

    @Test func `an old libzmq fails, one without CURVE is a warning`() {
        #expect(MachineExamination.libraries(zeroMQ: "4.2.5", hasCurve: true).grade == .fail)
        #expect(MachineExamination.libraries(zeroMQ: "4.3.4", hasCurve: false).grade == .warn)
        #expect(MachineExamination.libraries(zeroMQ: "4.10.0", hasCurve: true).grade == .pass)
        #expect(MachineExamination.libraries(zeroMQ: "5.0.0", hasCurve: true).grade == .pass)
    }

    @Test func `OpenBLAS that took old kernels names those that the processor runs`() {
        let newest = MachineExamination.openBLAS(core: "Prescott", hasAVX2: true, hasAVX512: true)
        #expect(newest.grade == .warn && newest.remedy?.contains("SkylakeX") == true)
        let newer = MachineExamination.openBLAS(core: "Nehalem", hasAVX2: true, hasAVX512: false)
        #expect(newer.remedy?.contains("Haswell") == true)
        #expect(
            MachineExamination.openBLAS(core: "Prescott", hasAVX2: false, hasAVX512: false).grade == .pass
        )
        #expect(MachineExamination.openBLAS(core: "Zen", hasAVX2: true, hasAVX512: false).grade == .pass)
    }

    @Test func `a clock that nothing keeps is a warning, one of another age fails`() {
        let today = Int64(1_790_000_000)
        #expect(MachineExamination.clock(WallClock(seconds: today, isKept: true)).grade == .pass)
        #expect(MachineExamination.clock(WallClock(seconds: today, isKept: nil)).grade == .pass)
        #expect(MachineExamination.clock(WallClock(seconds: today, isKept: false)).grade == .warn)
        #expect(MachineExamination.clock(WallClock(seconds: 0, isKept: true)).grade == .fail)
        #expect(MachineExamination.clock(WallClock(seconds: 1_735_689_599, isKept: true)).grade == .fail)
        #expect(MachineExamination.clock(WallClock(seconds: 1_735_689_600, isKept: true)).grade == .pass)
    }

    @Test func `open files are judged by the hard limit, which serve takes up`() {
        func grade(_ most: Int, _ mostEver: Int) -> Finding.Grade {
            let files = OpenFiles(count: 3, most: most, mostEver: mostEver)
            return MachineExamination.openFiles(files, needed: 1_192).grade
        }
        #expect(grade(1_024, 524_288) == .pass)
        #expect(grade(1_024, 1_024) == .warn)
        #expect(grade(64, 64) == .fail)
        #expect(MachineExamination.openFiles(nil, needed: 1_192).grade == .warn)
    }

    @Test func `memory fails where the usual need is more than there is`() {
        let need = MemoryNeed(Configuration())
        func grade(_ total: Int, _ available: Int?) -> Finding.Grade {
            MachineExamination.memory(need, MachineMemory(totalBytes: total, availableBytes: available)).grade
        }
        #expect(grade(need.typicalBytes - 1, nil) == .fail)
        #expect(grade(need.worstBytes, need.worstBytes - 1) == .warn)
        #expect(grade(need.worstBytes, nil) == .pass)
    }

    @Test func `an error's last clause is the remedy`() {
        struct Refused: Error, CustomStringConvertible { let description: String }
        let told = Finding.fail("x", of: Refused(description: "a is b; c; do d"), otherwise: "z")
        #expect(told.words == "a is b; c" && told.remedy == "do d")
        let short = Finding.fail("x", of: Refused(description: "a is b"), otherwise: "z")
        #expect(short.words == "a is b" && short.remedy == "z")
    }
}
