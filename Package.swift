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
let flyingFox: [Target.Dependency] = ["FlyingFox", "FlyingSocks"].map {
    .product(name: $0, package: "FlyingFox")
}
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

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
    .systemLibrary(name: "CThreads", path: "Sources/C/CThreads"),
    .systemLibrary(name: "CMachine", path: "Sources/C/CMachine"),
    .systemLibrary(name: "COpenBLAS", path: "Sources/C/COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
    .target(
        name: "CLearning",
        path: "Sources/C/CLearning",
        exclude: ["loops.inc"],
        cSettings: [.treatAllWarnings(as: .error)]
    ),
    .target(name: "CKernels", path: "Sources/C/CKernels", cSettings: [.treatAllWarnings(as: .error)]),
]

let core: [Target] = [
    room("Mathematics", on: "Core"),
    room("BinaryCoding", on: "Core"),
    room("ECGSignal", on: "Core", imports: ["Mathematics"]),
    room(
        "Findings",
        on: "Core",
        imports: ["ECGSignal", "Mathematics"],
        resources: [.embedInCode("labels.tsv")]
    ),
    room("Conditioning", on: "Core", imports: ["ECGSignal", "Findings", "Mathematics"]),
    room("ECGEncoder", on: "Core", imports: ["ECGSignal", "Mathematics", "CKernels"]),
    room("Diagnosis", on: "Core", imports: ["ECGSignal", "Findings", "Mathematics"]),
    room("Rhythm", on: "Core", imports: ["ECGSignal", "Findings", "Mathematics"]),
    room("Delineation", on: "Core", imports: ["ECGSignal", "Findings"]),
    room("Quality", on: "Core", imports: ["ECGSignal"]),
    room("Policy", on: "Core", imports: ["ECGSignal", "Findings"]),
    room("Access", on: "Core", imports: ["Findings"]),
    room("BeatScoring", on: "Core"),
    room(
        "Pipeline",
        on: "Core",
        imports: [
            "ECGSignal", "Findings", "Conditioning", "ECGEncoder", "Diagnosis", "Rhythm", "Delineation",
            "Quality",
        ]
    ),
    room(
        "Station",
        on: "Core",
        imports: ["Access", "BinaryCoding", "ECGSignal", "Findings", "ECGEncoder", "Pipeline", "Policy"]
    ),
    room("Metrics", on: "Core", imports: ["Mathematics"]),
]

let edge: [Target] = [
    room("Digest", on: "Edge", imports: ["CSodium"]),
    .target(
        name: "WireMessages",
        dependencies: [protobuf],
        path: "Sources/Edge/WireMessages",
        swiftSettings: generated
    ),
    room(
        "Wire",
        on: "Edge",
        imports: ["ECGSignal", "Findings", "Mathematics", "Digest", "WireMessages", protobuf]
    ),
    room("FrameLog", on: "Edge", imports: ["ECGSignal", "Findings", "Wire"]),
    room(
        "Journal",
        on: "Edge",
        imports: ["ECGSignal", "Wire", .product(name: "GRDB", package: "GRDB.swift")]
    ),
    room("YAMLText", on: "Edge", imports: [.product(name: "Yams", package: "Yams")]),
    room(
        "PolicyFile",
        on: "Edge",
        imports: ["Findings", "Policy", "YAMLText", .product(name: "Yams", package: "Yams")]
    ),
    room(
        "KeyFolder",
        on: "Edge",
        imports: [
            "Access", "Digest", "ECGSignal", "YAMLText", "ZeroMQ", .product(name: "Yams", package: "Yams"),
        ]
    ),
    room("TextEmbedding", on: "Edge"),
    room("ONNXFile", on: "Edge", imports: ["ECGEncoder"]),
    room("LinearAlgebra", on: "Edge", imports: ["COpenBLAS", "CLearning"]),
    room("Threads", on: "Edge", imports: ["CThreads"]),
    room("Machine", on: "Edge", imports: ["CMachine"]),
    room("ZeroMQ", on: "Edge", imports: ["CZeroMQ", "Threads"]),
    room("Messaging", on: "Edge", imports: ["ECGSignal", "Findings", "Wire", "ZeroMQ"]),
    room("Recordings", on: "Edge", imports: ["ECGSignal", "Mathematics", "Digest"]),
    room(
        "DataSets",
        on: "Edge",
        imports: ["ECGSignal", "Findings", "Conditioning", "Recordings"],
        resources: [.embedInCode("ludb.tsv")]
    ),
    room(
        "ModelFolder",
        on: "Edge",
        imports: ["ECGSignal", "Findings", "ECGEncoder", "Diagnosis", "Pipeline", "Digest"]
    ),
]

/// The files of the dashboard's pages, which are put into the program.
let pageFiles = [
    "index.html", "style.css", "alarms.css", "paper.css", "icon.svg", "main.js", "line.js", "traces.js",
    "alarms.js", "acts.js", "people.js", "sound.js", "station.js", "sweep.js", "patient.js", "paper.js",
    "technical.js", "words.js", "settings.js", "patient.css", "strip.js", "trend.js", "ward.js", "roster.js",
]

let programs: [Target] = [
    room("Learning", on: "Programs", imports: ["LinearAlgebra", "Threads"]),
    room(
        "Training",
        on: "Programs",
        imports: [
            "Findings", "Diagnosis",
            "ECGSignal", "Conditioning", "ECGEncoder", "Metrics", "Digest", "Recordings", "DataSets",
            "ModelFolder", "Machine",
            "LinearAlgebra", "Learning",
        ]
    ),
    room(
        "Service",
        on: "Programs",
        imports: [
            "Access", "ECGSignal", "Findings", "Diagnosis", "Digest", "ECGEncoder", "FrameLog", "Journal",
            "KeyFolder", "Machine", "Mathematics", "Pipeline", "Policy", "PolicyFile", "Station", "Wire",
            "Threads",
            "ZeroMQ", "Messaging", "ModelFolder", "YAMLText",
            .product(name: "Yams", package: "Yams"), logging,
            .product(name: "DequeModule", package: "swift-collections"),
        ]
    ),
    room(
        "Gateway",
        on: "Programs",
        imports: ["ECGSignal", "FrameLog", "Mathematics", "Wire", "ZeroMQ", "Messaging", "Recordings"]
    ),
    room(
        "Evaluation",
        on: "Programs",
        imports: [
            "ECGSignal", "Findings", "Mathematics", "Conditioning", "ECGEncoder", "Diagnosis", "Metrics",
            "Pipeline", "Wire", "Recordings", "DataSets",
        ]
    ),
    room(
        "BeatEvaluation",
        on: "Programs",
        imports: [
            "BeatScoring", "Conditioning", "ECGSignal", "Findings", "Mathematics", "Pipeline", "Policy",
            "Recordings", "Rhythm",
        ]
    ),
    room(
        "Dashboard",
        on: "Programs",
        imports: [
            "Diagnosis", "Digest", "ECGSignal", "Findings", "Mathematics", "Messaging", "Threads", "Wire",
            "ZeroMQ",
        ] + flyingFox,
        resources: pageFiles.map { .embedInCode("Page/\($0)") }
    ),
    room(
        "Doctor",
        on: "Programs",
        imports: [
            "Access", "Dashboard", "Diagnosis", "Digest", "ECGEncoder", "KeyFolder", "LinearAlgebra",
            "Journal", "Machine", "ModelFolder", "Service", "Wire", "ZeroMQ",
        ]
    ),
    room("Presentation", on: "Programs", imports: ["ECGSignal", "Findings", "Diagnosis", "Wire"]),
    .executableTarget(
        name: "shinden",
        dependencies: [
            "Access", "ECGSignal", "Findings", "Diagnosis", "FrameLog", "KeyFolder", "Pipeline", "Policy",
            "Station", "Wire", "ZeroMQ", "Messaging", "Recordings", "ModelFolder", "Service", "Gateway",
            "Presentation", "Dashboard", "Doctor", "Machine",
            "DataSets", "Evaluation", "Training", "TextEmbedding", "ONNXFile",
            "ECGEncoder", "Metrics", "BeatEvaluation", "BeatScoring", logging,
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        path: "Sources/Programs/shinden",
        swiftSettings: strict
    ),
]

let suites: [Target] = [
    .target(
        name: "CAllocations",
        path: "Tests/CAllocations",
        cSettings: [.treatAllWarnings(as: .error)]
    ),
    .target(
        name: "TestSupport",
        dependencies: [
            "ECGSignal", "Findings", "ECGEncoder", "Diagnosis", "Pipeline", "CAllocations",
        ],
        path: "Tests/TestSupport",
        swiftSettings: strict
    ),
    tests(of: "Mathematics"),
    tests(of: "Findings", imports: ["ECGSignal"]),
    tests(of: "Conditioning", imports: ["ECGSignal", "Findings", "Mathematics"], exclude: ["golden"]),
    tests(of: "ECGEncoder", imports: ["ECGSignal", "Mathematics"]),
    tests(of: "Delineation", imports: ["BeatEvaluation", "ECGSignal", "Findings", "Recordings", "Rhythm"]),
    tests(of: "Quality", imports: ["ECGSignal", "Findings", "Rhythm"]),
    tests(of: "Rhythm", imports: ["Conditioning", "ECGSignal", "Findings", "Recordings"]),
    tests(
        of: "Policy",
        imports: ["Delineation", "ECGSignal", "Findings", "Quality", "Rhythm"],
        exclude: ["Timelines"]
    ),
    tests(of: "PolicyFile", imports: ["ECGSignal", "Findings", "Policy"]),
    tests(of: "Access", imports: ["Findings"]),
    tests(of: "KeyFolder", imports: ["Access", "ZeroMQ"]),
    tests(of: "BeatScoring", imports: ["BeatEvaluation", "Recordings"], exclude: ["golden"]),
    tests(of: "Diagnosis", imports: ["ECGSignal", "Findings", "Mathematics", "ModelFolder"]),
    tests(
        of: "Pipeline",
        imports: [
            "ECGSignal", "Findings", "ECGEncoder", "Diagnosis", "Conditioning", "Delineation", "Rhythm",
            "Quality", "Recordings",
        ]
    ),
    tests(
        of: "Station",
        imports: [
            "Access", "BinaryCoding", "ECGSignal", "Findings", "Pipeline", "Policy", "Recordings", "Wire",
        ]
    ),
    tests(of: "Recordings", imports: ["ECGSignal", "Digest"], exclude: ["golden"]),
    tests(of: "ModelFolder", imports: ["ECGSignal", "Findings", "Diagnosis", "Digest"]),
    tests(of: "Wire", imports: ["ECGSignal", "Findings", "Digest", "WireMessages", protobuf]),
    tests(of: "Journal", imports: ["ECGSignal", "Wire", .product(name: "GRDB", package: "GRDB.swift")]),
    tests(of: "FrameLog", imports: ["ECGSignal", "Findings", "Wire"]),
    tests(of: "Presentation", imports: ["ECGSignal", "Findings", "Diagnosis", "Wire"]),
    tests(of: "Dashboard", imports: ["Digest", "ECGSignal", "Findings", "Messaging", "Wire", "ZeroMQ"]),
    tests(of: "Doctor", imports: ["ECGEncoder", "Machine", "Service"]),
    tests(of: "Metrics", exclude: ["golden"]),
    tests(of: "DataSets", imports: ["ECGSignal", "Findings", "Conditioning", "Recordings"]),
    tests(
        of: "Evaluation",
        imports: [
            "ECGSignal", "Findings", "Conditioning", "ECGEncoder", "Diagnosis", "DataSets", "Metrics",
            "Pipeline", "ModelFolder", "Wire", "Recordings",
        ]
    ),
    tests(of: "LinearAlgebra"),
    tests(of: "Learning", imports: ["LinearAlgebra"], exclude: ["golden"]),
    tests(of: "Training", imports: ["DataSets", "Diagnosis", "Learning", "ModelFolder", "Recordings"]),
    tests(of: "Threads"),
    tests(of: "ZeroMQ", imports: ["Threads"]),
    tests(
        of: "Gateway",
        imports: [
            "ECGSignal", "Findings", "Conditioning", "ECGEncoder", "Diagnosis", "Pipeline", "Recordings",
            "ModelFolder", "Service", "Station", "Wire", "Threads", "ZeroMQ", "Messaging",
        ]
    ),
    .testTarget(
        name: "ShindenTests",
        dependencies: [
            "shinden", "TestSupport", "Diagnosis", "ECGSignal", "Findings", "Messaging", "ModelFolder",
            "Presentation", "Service", "TextEmbedding", "Wire", "ZeroMQ",
        ],
        swiftSettings: strict
    ),
    tests(
        of: "Service",
        imports: [
            "Access", "Digest", "ECGSignal", "Findings", "Journal", "KeyFolder", "Machine", "Messaging",
            "Pipeline", "Policy", "Station", "Threads", "Wire", "ZeroMQ", logging,
        ]
    ),
    .testTarget(
        name: "LiveTests",
        dependencies: [
            "ECGSignal", "Findings", "Conditioning", "Diagnosis", "ECGEncoder", "FrameLog", "KeyFolder",
            "ModelFolder", "Pipeline", "Service", "Wire", "WireMessages", "Threads", "ZeroMQ", "Recordings",
            "Gateway", "TestSupport", "shinden", protobuf,
        ],
        swiftSettings: strict
    ),
    .testTarget(
        name: "SimulationTests",
        dependencies: ["ECGSignal", "Findings", "Gateway", "Station", "TestSupport"],
        swiftSettings: strict
    ),
    .testTarget(name: "TidyTests", dependencies: [], swiftSettings: strict),
]

/// A program that measures: `Benchmarks/NAME`.
func benchmark(_ name: String, imports: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: imports, path: "Benchmarks/\(name)", swiftSettings: strict)
}

let benchmarks: [Target] = [
    .target(name: "CPeak", path: "Benchmarks/CPeak", cSettings: [.treatAllWarnings(as: .error)]),
    benchmark("TrainingBenchmark", imports: ["Learning", "LinearAlgebra"]),
    benchmark(
        "EncoderBenchmark",
        imports: [
            "Delineation", "ECGEncoder", "ECGSignal", "Findings", "Quality", "Rhythm", "TestSupport", "CPeak",
        ]
    ),
    benchmark("OpeningStreams", imports: ["ECGSignal", "Findings", "Pipeline", "Station", "TestSupport"]),
    benchmark(
        "RateInvariance",
        imports: [
            "ECGSignal", "Conditioning", "ECGEncoder", "Diagnosis", "Pipeline", "Recordings", "ModelFolder",
            "Service", "Gateway", "TestSupport",
        ]
    ),
    benchmark("LeadSurvey", imports: ["ECGSignal", "Findings", "Conditioning", "Recordings"]),
    benchmark(
        "MadeRecords",
        imports: ["BeatScoring", "Conditioning", "ECGSignal", "Recordings", "Rhythm", "TestSupport"]
    ),
]

let package = Package(
    name: "shinden",
    products: [
        .executable(name: "shinden", targets: ["shinden"]),
        // The rooms that read what comes from outside, for the package Fuzzing, which sends them bytes of any kind.
        .library(
            name: "ShindenReaders",
            targets: [
                "ECGSignal", "Findings", "Policy", "Wire", "FrameLog", "PolicyFile", "Recordings",
                "ModelFolder",
            ]
        ),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-protobuf.git", exact: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2"),
        .package(url: "https://github.com/swhitty/FlyingFox.git", exact: "0.27.1"),
    ],
    targets: c + core + edge + programs + suites + benchmarks
)
