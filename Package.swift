// swift-tools-version: 6.2
import Foundation
import PackageDescription

let root = URL(filePath: #filePath).deletingLastPathComponent().path

// SwiftPM drops -rpath from pkg-config, so the products that link DuckDB name the set-up's folder themselves.
let duckDBRuntimePath: [LinkerSetting] = [
    .unsafeFlags(["-Xlinker", "-rpath", "-Xlinker", "\(root)/.deps/lib"])
]

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "sesame",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "sesame", targets: ["sesame"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.9.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // Surfaces
        .executableTarget(name: "sesame", dependencies: ["Commands"], linkerSettings: duckDBRuntimePath),
        .target(
            name: "Commands",
            dependencies: [
                "Analytics", "AWSClients", "AWSProtocols", "ControlPlane", "EventLog", "Ingest", "Lake",
                "Pollers",
                "Query",
                "SESEvents", "Senders",
                "Server",
                "Simulation", "Primitives",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        .target(
            name: "Server",
            dependencies: [
                "Analytics", "AWSProtocols", "Compression", "ControlPlane", "Dashboard", "EventLog", "Ingest",
                "Lake", "Query", "Scanning", "Primitives",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .target(name: "Dashboard", resources: [.copy("Assets")]),
        // Behaviour
        .target(
            name: "Pollers",
            dependencies: [
                "AWSClients", "AWSProtocols", "Compression", "ControlPlane", "EventLog", "Ingest", "Scanning",
                "Primitives",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .target(
            name: "Ingest",
            dependencies: [
                "EventLog", "Lake", "Parquet", "SESEvents", "Compression", "Scanning", "Primitives",
            ]),
        .target(name: "Query", dependencies: ["Analytics", "CLandlock", "DuckDB", "Scanning", "Primitives"]),
        .target(name: "CLandlock"),
        .target(name: "Analytics", dependencies: ["SESEvents", "Scanning", "Primitives"]),
        .target(name: "Simulation", dependencies: ["Primitives"]),
        .target(
            name: "Senders",
            dependencies: [
                "AWSProtocols", "Scanning", "Simulation", "Primitives",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        // Lake
        .target(
            name: "Lake",
            dependencies: ["Compression", "DuckDB", "Parquet", "SESEvents", "Scanning", "Primitives"]),
        // Engines
        .target(name: "EventLog", dependencies: ["CCRC32C", "Primitives"]),
        .target(name: "CCRC32C"),
        .target(name: "DuckDB", dependencies: ["CDuckDB", "Primitives"]),
        .systemLibrary(name: "CDuckDB", pkgConfig: "duckdb"),
        .target(name: "Parquet", dependencies: ["CCompression", "Primitives"]),
        .target(name: "Compression", dependencies: ["CCompression", "Primitives"]),
        .systemLibrary(name: "CCompression", pkgConfig: "libzstd zlib"),
        .target(
            name: "AWSProtocols",
            dependencies: [
                "Scanning", "Primitives",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ]),
        .target(
            name: "AWSClients",
            dependencies: [
                "AWSProtocols", "Primitives",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        // Vocabulary
        .target(name: "SESEvents", dependencies: ["CSimdJSON", "Scanning", "Primitives"]),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),
        .target(
            name: "ControlPlane",
            dependencies: [
                "Primitives",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .target(name: "Scanning"),
        .target(name: "TestSupport", path: "Tests/TestSupport"),
        .target(name: "Primitives"),
    ]
        + [
            "Primitives", "Scanning", "SESEvents", "Compression", "AWSProtocols", "Parquet", "DuckDB",
            "EventLog", "Lake", "Ingest", "Query", "Simulation", "Senders", "ControlPlane", "Server",
            "Commands", "AWSClients", "Pollers", "Analytics", "Dashboard",
        ]
        .map { name in
            // Parquet is read back by DuckDB, which had no part in writing it; simulated traffic is imported; compiled queries are run.
            let others: [String: [Target.Dependency]] = [
                "Parquet": ["DuckDB"], "Ingest": ["DuckDB", "Simulation"],
                "Analytics": [
                    "DuckDB", "Lake", "Query", "Scanning", .product(name: "Crypto", package: "swift-crypto"),
                ], "Query": ["Analytics"],
            ]
            let readers = others[name] ?? []
            return .testTarget(
                name: "\(name)Tests", dependencies: [.init(stringLiteral: name), "TestSupport"] + readers,
                resources: name == "AWSProtocols" ? [.copy("Fixtures")] : nil,
                linkerSettings: duckDBRuntimePath)
        },
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

// `scripts/fuzz` alone builds this: the sanitizer of libFuzzer brings a main function of its own.
if ProcessInfo.processInfo.environment["SESAME_FUZZ"] != nil {
    package.products.append(.executable(name: "fuzz", targets: ["Fuzz"]))
    package.targets.append(
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "AWSProtocols", "Compression", "EventLog", "Ingest", "SESEvents", "Scanning", "Primitives",
            ],
            path: "Fuzz", linkerSettings: duckDBRuntimePath))
}

for target in package.targets
where [.regular, .executable, .test].contains(target.type)
    && !["CSimdJSON", "CCRC32C", "CLandlock"].contains(target.name)
{
    target.swiftSettings = strict
}

// What is tested is optimised, what tests it need not be, and half of a build's time went there.
for target in package.targets where target.type == .test {
    target.swiftSettings = strict + [.unsafeFlags(["-Onone"], .when(configuration: .release))]
}

// The decoder's loops touch a class's properties millions of times a second; the run-time exclusivity check cost a sixth
// of its time. Debug builds, and so the tests, keep the check.
let hotTargets = ["SESEvents", "Parquet", "DuckDB", "Lake", "Ingest"]
for target in package.targets where hotTargets.contains(target.name) {
    target.swiftSettings =
        strict + [
            .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
        ]
}
