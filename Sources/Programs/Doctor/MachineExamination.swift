private import Digest
internal import ECGEncoder
internal import LinearAlgebra
internal import Machine
internal import Service
internal import ZeroMQ

/// What the machine gives: processor, libraries, clock, open files, memory.
///
/// Each decides by facts that it is told, so that a test can tell it those of a worse machine.
enum MachineExamination {
    /// Which of the encoder's forms this processor runs.
    static func processor(_ processor: Processor, form: KernelForm = .best) -> Finding {
        let words =
            "\(processor.name), \(processor.count) at once; the encoder uses its form \(form.rawValue)"
        switch form {
        case .avx512, .avx2, .neon: return .pass("processor", words)
        case .portable:
            return .warn(
                "processor",
                words + ", which is several times slower than the others",
                "take a processor with AVX2 and FMA, or give fewer streams; shinden bench counts how many it can watch"
            )
        }
    }

    /// The libraries that the program runs on.
    static func libraries(zeroMQ: String = Library.version, hasCurve: Bool = Library.hasCurve) -> Finding {
        let words =
            "libzmq \(zeroMQ) with\(hasCurve ? "" : "out") CURVE, libsodium \(SodiumLibrary.version), "
            + "\(OpenBLAS.version), glibc \(SystemLibrary.version)"
        let numbers = zeroMQ.split(separator: ".").compactMap { Int($0) }
        guard numbers.count == 3, !numbers.lexicographicallyPrecedes([4, 3, 0]) else {
            return .fail(
                "libraries",
                words + "; options that the daemon sets are missing before libzmq 4.3",
                "install libzmq 4.3 or newer: apt-get install libzmq5"
            )
        }
        return hasCurve
            ? .pass("libraries", words)
            : .warn("libraries", words, "install a libzmq with CURVE, or never give --keys")
    }

    /// The kernels that OpenBLAS chose; only training multiplies by it.
    static func openBLAS(
        core: String = OpenBLAS.core,
        hasAVX2: Bool = KernelForm.avx2.isAvailable,
        hasAVX512: Bool = KernelForm.avx512.isAvailable
    ) -> Finding {
        guard let advice = OpenBLAS.advice(hasAVX2: hasAVX2, hasAVX512: hasAVX512, core: core) else {
            return .pass("openblas", "its \(core) kernels, for shinden train alone")
        }
        return .warn(
            "openblas",
            "\(advice.words); serve does not use them",
            "set \(advice.setting) for shinden train"
        )
    }

    /// Whether the clock can be what it shows: events carry its time.
    static func clock(_ clock: WallClock) -> Finding {
        let year = clock.year
        guard years.contains(year) else {
            return .fail(
                "clock",
                "it shows the year \(year), and every event carries its time",
                "set it, and let an NTP service keep it: timedatectl set-ntp true"
            )
        }
        switch clock.isKept {
        case true?: return .pass("clock", "year \(year), kept right by a time service")
        case false?:
            return .warn(
                "clock",
                "year \(year), and nothing keeps it right",
                "let an NTP service keep it (timedatectl set-ntp true); on a virtual machine its host may do so unseen"
            )
        case nil: return .pass("clock", "year \(year); whether something keeps it right is not told here")
        }
    }

    /// Years that the clock of a machine with this program can show.
    private static let years = 2_025...2_099

    /// Whether as many gateways and readers as may come find an open file each.
    static func openFiles(_ files: OpenFiles?, needed: Int) -> Finding {
        guard let files else {
            return .warn(
                "open-files",
                "the system does not tell how many files may be open",
                "mount /proc, as every Linux does"
            )
        }
        let most = max(files.most, min(files.mostEver, OpenFiles.raisedMost))
        let words = "\(most) at once; this configuration may need \(needed)"
        let remedy = "raise the hard limit to \(needed) or more (LimitNOFILE= in the unit, ulimit -Hn)"
        if most < Configuration.openFilesMin {
            return .fail("open-files", words + ", and \(Configuration.openFilesMin) to start", remedy)
        }
        return most < needed
            ? .warn("open-files", words, remedy + ", or give a smaller --streams-max")
            : .pass("open-files", words)
    }

    /// Whether all streams that may be open find room.
    static func memory(_ need: MemoryNeed, _ machine: MachineMemory) -> Finding {
        let million = 1_000_000
        let words =
            "typically \(need.typicalBytes / million) MB, at most \(need.worstBytes / million) MB of "
            + "\(machine.totalBytes / million) MB"
            + (machine.availableBytes.map { ", \($0 / million) MB available" } ?? "")
        let remedy = "give a smaller --streams-max, or more memory"
        if need.typicalBytes > machine.totalBytes { return .fail("memory", words, remedy) }
        let room = machine.availableBytes ?? machine.totalBytes
        return need.worstBytes > room ? .warn("memory", words, remedy) : .pass("memory", words)
    }
}

/// The memory that this machine has.
struct MachineMemory {
    let totalBytes: Int
    /// What programs could still be given; nil where the system does not tell.
    let availableBytes: Int?

    /// That of this machine now.
    static var now: MachineMemory {
        MachineMemory(totalBytes: Memory.totalBytes, availableBytes: Memory.availableBytes)
    }
}
