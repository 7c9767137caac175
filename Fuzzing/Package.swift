// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A program that libFuzzer's own `main` calls with one input after another; it needs the linker of LLVM.
func fuzzer(_ name: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: ["FuzzSupport", .product(name: "ShindenReaders", package: "shinden")],
        swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])],
        linkerSettings: [.unsafeFlags(["-use-ld=lld"])]
    )
}

let package = Package(
    name: "shinden-fuzz",
    dependencies: [.package(name: "shinden", path: "..")],
    targets: [
        .target(name: "FuzzSupport", swiftSettings: strict),
        fuzzer("FuzzChunk"), fuzzer("FuzzControl"), fuzzer("FuzzRecording"), fuzzer("FuzzAnnotations"),
        fuzzer("FuzzTensors"), fuzzer("FuzzLog"), fuzzer("FuzzPolicy"), fuzzer("FuzzLabels"),
    ]
)
