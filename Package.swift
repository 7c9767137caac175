// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A room of the house: `Sources/FLOOR/NAME`; it may import what it lists and nothing else.
func room(
    _ name: String, on floor: String, imports: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: imports, path: "Sources/\(floor)/\(name)", resources: resources,
        swiftSettings: strict)
}

/// The tests of a room: `Tests/NAMETests`.
func tests(of name: String, imports: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + imports, swiftSettings: strict)
}

let package = Package(
    name: "shinden",
    products: [.executable(name: "shinden", targets: ["shinden"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-protobuf.git", exact: "1.39.0"),
        .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CZeroMQ", path: "Sources/C/CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CSodium", path: "Sources/C/CSodium", providers: [.apt(["libsodium-dev"])]),
        .target(name: "CKernels", path: "Sources/C/CKernels", cSettings: [.treatAllWarnings(as: .error)]),

        room("ECGSignal", on: "Core", resources: [.embedInCode("labels.tsv")]),
        room("Conditioning", on: "Core", imports: ["ECGSignal"]),
        room("ECGEncoder", on: "Core", imports: ["ECGSignal", "CKernels"]),
        room("Diagnosis", on: "Core", imports: ["ECGSignal"]),
        room("Pipeline", on: "Core", imports: ["ECGSignal", "Conditioning", "ECGEncoder", "Diagnosis"]),
        room("Station", on: "Core", imports: ["ECGSignal", "Pipeline"]),

        room("Digest", on: "Edge", imports: ["CSodium"]),
        room(
            "Wire", on: "Edge",
            imports: ["ECGSignal", "Digest", .product(name: "SwiftProtobuf", package: "swift-protobuf")]),
        room("ZeroMQ", on: "Edge", imports: ["CZeroMQ"]),
        room("Messaging", on: "Edge", imports: ["ECGSignal", "Wire", "ZeroMQ"]),
        room("Recordings", on: "Edge", imports: ["ECGSignal", "Digest"]),
        room("ModelFolder", on: "Edge", imports: ["ECGSignal", "ECGEncoder", "Diagnosis", "Digest"]),

        .target(name: "TestSupport", dependencies: ["ECGSignal"], path: "Tests/TestSupport", swiftSettings: strict),
        tests(of: "ECGSignal"),
    ]
)
