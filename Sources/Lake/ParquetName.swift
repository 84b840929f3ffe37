import Foundation

/// The names that Sesame gives to the Parquet files of its tables: `part-<uuid>.parquet`.
///
/// Spark and delta-rs put more into theirs, so that a name tells whether Sesame wrote the file.
enum ParquetName {
    /// A name that no file has.
    static func new() -> String { "part-\(UUID().uuidString.lowercased()).parquet" }

    /// The path of a new file in the folder of another, which it may replace; both relative to the table's folder.
    static func new(beside path: String) -> String {
        let folder = (path as NSString).deletingLastPathComponent
        return folder.isEmpty ? new() : folder + "/" + new()
    }

    /// Whether Sesame named the file of the path.
    static func isOurs(_ path: String) -> Bool {
        let name = path.utf8.split(separator: UInt8(ascii: "/")).last ?? path.utf8[...]
        let lengths = name.dropFirst(5).prefix(36).split(separator: UInt8(ascii: "-")).map(\.count)
        return name.count == 5 + 36 + 8 && name.starts(with: "part-".utf8) && lengths == [8, 4, 4, 4, 12]
    }
}
