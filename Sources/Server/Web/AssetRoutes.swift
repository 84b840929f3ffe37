import Compression
import Foundation
import HTTPTypes
import Primitives

/// `/assets/…`: style, modules and libraries of the pages.
///
/// They are read once. A browser keeps them and asks whether they are still the same, so that a new version looks as it should.
struct AssetRoutes: Sendable {
    private let shelf: AssetShelf

    /// - Parameters:
    ///   - folder: the folder that has them.
    ///   - isChanging: whether files are read anew for each request, while somebody works on them.
    init(folder: String, isChanging: Bool = false) {
        shelf = AssetShelf(folder: folder, isChanging: isChanging)
    }

    var routes: [Route] {
        ["/assets/{1}", "/assets/{1}/{2}", "/assets/{1}/{2}/{3}"].map { pattern in
            Route(.get, pattern) { try await serve($0) }
        }
    }

    private func serve(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let names = ["1", "2", "3"].compactMap { request.parameters[$0] }
        guard names.allSatisfy(Self.isPlain), let type = Self.types[Self.suffix(of: names)],
            let asset = await shelf.asset(names.joined(separator: "/"))
        else { throw HTTPProblem.notFound(request.path) }
        var headers: HTTPFields = [
            .contentType: type, .cacheControl: "no-cache", .eTag: asset.tag, .vary: "Accept-Encoding",
        ]
        if request.headers[.ifNoneMatch] == asset.tag {
            return ReceiverAnswer(status: .notModified, headers: headers, outcome: "asset")
        }
        let takesGzip = request.headers[.acceptEncoding]?.contains("gzip") ?? false
        if takesGzip { headers[.contentEncoding] = "gzip" }
        return ReceiverAnswer(
            status: .ok, headers: headers, body: takesGzip ? asset.packed : asset.bytes, outcome: "asset")
    }

    private static let types = [
        "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
    ]

    private static func suffix(of names: [String]) -> String {
        names.last?.split(separator: ".").last.map(String.init) ?? ""
    }

    /// Letters, digits and what stands between them: nothing that leads out of the folder.
    private static func isPlain(_ name: String) -> Bool {
        !name.hasPrefix(".")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}

/// Files that were read, on a thread of its own.
private actor AssetShelf {
    struct Asset: Sendable {
        var bytes: [UInt8]
        /// The same as gzip.
        var packed: [UInt8]
        /// Changes with the file.
        var tag: String
    }

    private let executor = BlockingExecutor(label: "sesame.assets")
    private let folder: String
    private let isChanging: Bool
    private var assets: [String: Asset] = [:]

    init(folder: String, isChanging: Bool) { (self.folder, self.isChanging) = (folder, isChanging) }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func asset(_ name: String) -> Asset? {
        if !isChanging, let known = assets[name] { return known }
        let path = folder + "/" + name
        guard let data = FileManager.default.contents(atPath: path),
            let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let changed = attributes[.modificationDate] as? Date
        else { return nil }
        let bytes = [UInt8](data)
        guard let packed = try? Gzip.compress(bytes) else { return nil }
        let time = UInt64(changed.timeIntervalSince1970 * 1_000_000)
        let asset = Asset(
            bytes: bytes, packed: packed,
            tag: "\"\(String(data.count, radix: 36))-\(String(time, radix: 36))\"")
        assets[name] = asset
        return asset
    }
}
