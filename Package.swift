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
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
    ],
    targets: [
        // Surfaces
        .executableTarget(name: "sesame", dependencies: ["Commands"], linkerSettings: duckDBRuntimePath),
        .target(
            name: "Commands",
            dependencies: [
                "EventLog", "Ingest", "Lake", "Query", "SESEvents", "Simulation", "Primitives",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        // Behaviour
        .target(
            name: "Ingest",
            dependencies: ["EventLog", "Lake", "Parquet", "SESEvents", "Compression", "Primitives"]),
        .target(name: "Query", dependencies: ["DuckDB", "Primitives"]),
        .target(name: "Simulation", dependencies: ["Primitives"]),
        // Lake
        .target(name: "Lake", dependencies: ["DuckDB", "Parquet", "SESEvents", "Primitives"]),
        // Engines
        .target(name: "EventLog", dependencies: ["CCRC32C", "Primitives"]),
        .target(name: "CCRC32C"),
        .target(name: "DuckDB", dependencies: ["CDuckDB", "Primitives"]),
        .systemLibrary(name: "CDuckDB", pkgConfig: "duckdb"),
        .target(name: "Parquet", dependencies: ["CCompression", "Primitives"]),
        .target(name: "Compression", dependencies: ["CCompression", "Primitives"]),
        .systemLibrary(name: "CCompression", pkgConfig: "libzstd zlib"),
        // Vocabulary
        .target(name: "SESEvents", dependencies: ["CSimdJSON", "Primitives"]),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),
        .target(name: "Primitives"),
    ]
        + [
            "Primitives", "SESEvents", "Compression", "Parquet", "DuckDB", "EventLog", "Lake", "Ingest",
            "Query",
            "Simulation", "Commands",
        ]
        .map { name in
            // Parquet is read back by DuckDB, which had no part in writing it; simulated traffic is imported.
            let readers: [Target.Dependency] =
                name == "Parquet" ? ["DuckDB"] : name == "Ingest" ? ["DuckDB", "Simulation"] : []
            return .testTarget(
                name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + readers,
                linkerSettings: duckDBRuntimePath)
        },
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

for target in package.targets
where [.regular, .executable, .test].contains(target.type) && !["CSimdJSON", "CCRC32C"].contains(target.name)
{
    target.swiftSettings = strict
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
