import Foundation
import TestSupport
import Testing

/// The arm64 form, which no test of this machine could run: built for it, and run under an emulator.
@Suite struct Arm64Tests {
    private static let missing = ["aarch64-linux-gnu-gcc", "qemu-aarch64", "clang"].filter { find($0) == nil }

    @Test(
        .enabled(
            if: missing.isEmpty,
            "not checked here: \(missing.joined(separator: ", ")) missing; make test-deps installs them"
        )
    )
    func `NEON gives the bits of the portable form, and both those of this machine`() throws {
        let folder = TemporaryFolder()
        let own = folder.path + "/own"
        let other = folder.path + "/arm64"
        try build("clang", own, [])
        // Bound statically, so that the emulator needs no libraries; GCC does not know these words of the header.
        try build("aarch64-linux-gnu-gcc", other, ["-static", "-D_Nonnull=", "-D_Nullable="])
        let lines = try run(own, []) + run("qemu-aarch64", [other])
        let forms = Set(lines.map { $0[1] })
        #expect(forms.contains("neon") && forms.contains("portable"))
        #expect(lines.filter { $0[1] == "portable" }.count == 6)
        for work in ["floats", "sums", "bytes"] {
            let digests = lines.filter { $0[0] == work }
            #expect(digests.count >= 3)
            #expect(Set(digests.map { $0[2] }).count == 1, "\(work): \(digests)")
        }
    }

    private func build(_ compiler: String, _ program: String, _ flags: [String]) throws {
        let kernels = Repository.root + "/Sources/C/CKernels"
        let sources = ["kernels.c", "neon.c", "quantised.c"].map { "\(kernels)/\($0)" }
        let files =
            ["-I\(kernels)/include", "-o", program, Repository.root + "/Tests/Arm64/forms.c"] + sources
        #expect(try run(compiler, ["-O2"] + flags + files + ["-lm"]).isEmpty)
    }

    /// The words of each line that a program writes; it must end well.
    private func run(_ program: String, _ arguments: [String]) throws -> [[String]] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.find(program)))
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(program) \(arguments)")
        return text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }

    private static func find(_ program: String) -> String? {
        if program.hasPrefix("/") { return program }
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
