// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// For generated code: a message of many fields shares its default storage in a way that strict safety objects to.
let generated: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")

/// A room of the house: `Sources/FLOOR/NAME`; it may import what it lists and nothing else.
func room(
    _ name: String,
    on floor: String,
    imports: [Target.Dependency] = [],
    resources: [Resource] = []
) -> Target {
    .target(
        name: name,
        dependencies: imports,
        path: "Sources/\(floor)/\(name)",
        resources: resources,
        swiftSettings: strict
    )
}

/// The tests of a room: `Tests/NAMETests`.
func tests(of name: String, imports: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.byName(name: name), "TestSupport"] + imports,
        exclude: exclude,
        swiftSettings: strict
    )
}

let c: [Target] = [
    .systemLibrary(name: "CZeroMQ", path: "Sources/C/CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
    .systemLibrary(name: "CSodium", path: "Sources/C/CSodium", providers: [.apt(["libsodium-dev"])]),
    .target(name: "CKernels", path: "Sources/C/CKernels", cSettings: [.treatAllWarnings(as: .error)]),
]

let core: [Target] = [
    room("ECGSignal", on: "Core", resources: [.embedInCode("labels.tsv")]),
    room("Conditioning", on: "Core", imports: ["ECGSignal"]),
    room("ECGEncoder", on: "Core", imports: ["ECGSignal", "CKernels"]),
    room("Diagnosis", on: "Core", imports: ["ECGSignal"]),
    room("Pipeline", on: "Core", imports: ["ECGSignal", "Conditioning", "ECGEncoder", "Diagnosis"]),
    room("Station", on: "Core", imports: ["ECGSignal", "ECGEncoder", "Pipeline"]),
]

let edge: [Target] = [
    room("Digest", on: "Edge", imports: ["CSodium"]),
    .target(
        name: "WireMessages",
        dependencies: [protobuf],
        path: "Sources/Edge/WireMessages",
        swiftSettings: generated
    ),
    room("Wire", on: "Edge", imports: ["ECGSignal", "Digest", "WireMessages", protobuf]),
    room("ZeroMQ", on: "Edge", imports: ["CZeroMQ"]),
    room("Messaging", on: "Edge", imports: ["ECGSignal", "Wire", "ZeroMQ"]),
    room("Recordings", on: "Edge", imports: ["ECGSignal", "Digest"]),
    room("ModelFolder", on: "Edge", imports: ["ECGSignal", "ECGEncoder", "Diagnosis", "Digest"]),
]

let programs: [Target] = [
    room(
        "Service",
        on: "Programs",
        imports: [
            "ECGSignal", "Diagnosis", "ECGEncoder", "Pipeline", "Station", "Wire", "ZeroMQ", "Messaging",
            "ModelFolder", .product(name: "Yams", package: "Yams"),
        ]
    ),
    room("Gateway", on: "Programs", imports: ["ECGSignal", "Wire", "ZeroMQ", "Messaging", "Recordings"]),
    .executableTarget(
        name: "shinden",
        dependencies: [
            "ECGSignal", "Diagnosis", "Pipeline", "Station", "Wire", "ZeroMQ", "Messaging", "Recordings",
            "ModelFolder",
            "Service", "Gateway", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        path: "Sources/Programs/shinden",
        swiftSettings: strict
    ),
]

let suites: [Target] = [
    .target(
        name: "TestSupport",
        dependencies: ["ECGSignal", "ECGEncoder", "Diagnosis", "Pipeline", "Gateway"],
        path: "Tests/TestSupport",
        swiftSettings: strict
    ),
    tests(of: "ECGSignal"),
    tests(of: "Conditioning", imports: ["ECGSignal"], exclude: ["golden"]),
    tests(of: "ECGEncoder", imports: ["ECGSignal"]),
    tests(of: "Diagnosis", imports: ["ECGSignal", "ModelFolder"]),
    tests(of: "Pipeline", imports: ["ECGSignal", "ECGEncoder", "Diagnosis", "Conditioning"]),
    tests(of: "Station", imports: ["ECGSignal", "ECGEncoder", "Pipeline", "Wire"]),
    tests(of: "Recordings", imports: ["ECGSignal", "Digest"]),
    tests(of: "ModelFolder", imports: ["ECGSignal", "Diagnosis", "Digest"]),
    tests(of: "Wire", imports: ["ECGSignal", "Digest", "WireMessages", protobuf]),
    tests(of: "ZeroMQ"),
    tests(
        of: "Gateway",
        imports: [
            "ECGSignal", "Conditioning", "ECGEncoder", "Diagnosis", "Pipeline", "Recordings", "ModelFolder",
            "Service", "Wire", "ZeroMQ", "Messaging",
        ]
    ),
    .testTarget(
        name: "ShindenTests",
        dependencies: [
            "shinden", "TestSupport", "Diagnosis", "ECGSignal", "Messaging", "Wire", "ZeroMQ",
        ],
        swiftSettings: strict
    ),
    tests(of: "Service", imports: ["ECGSignal", "ZeroMQ"]),
    .testTarget(
        name: "LiveTests",
        dependencies: [
            "ECGSignal", "Conditioning", "Wire", "WireMessages", "ZeroMQ", "Recordings", "Gateway",
            "TestSupport",
            "shinden", protobuf,
        ],
        swiftSettings: strict
    ),
    .testTarget(name: "TidyTests", dependencies: [], swiftSettings: strict),
]

let benchmarks: [Target] = [
    .executableTarget(
        name: "EncoderBenchmark",
        dependencies: ["ECGEncoder", "ECGSignal", "TestSupport"],
        path: "Benchmarks/EncoderBenchmark",
        swiftSettings: strict
    ),
    .executableTarget(
        name: "OpeningStreams",
        dependencies: ["ECGSignal", "Pipeline", "Station", "TestSupport"],
        path: "Benchmarks/OpeningStreams",
        swiftSettings: strict
    ),
    .executableTarget(
        name: "RateInvariance",
        dependencies: [
            "ECGSignal", "Conditioning", "ECGEncoder", "Diagnosis", "Pipeline", "Recordings", "ModelFolder",
            "Service", "Gateway", "TestSupport",
        ],
        path: "Benchmarks/RateInvariance",
        swiftSettings: strict
    ),
    .executableTarget(
        name: "LeadSurvey",
        dependencies: ["ECGSignal", "Conditioning", "Recordings", "Gateway"],
        path: "Benchmarks/LeadSurvey",
        swiftSettings: strict
    ),
]

let package = Package(
    name: "shinden",
    products: [.executable(name: "shinden", targets: ["shinden"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-protobuf.git", exact: "1.39.0"),
        .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2"),
    ],
    targets: c + core + edge + programs + suites + benchmarks
)
