/// The spelling of file paths in the Delta log.
///
/// An `add` or `remove` names its file relative to the table's folder, percent-encoded as a URI path. Hive-style folders
/// escape their own special characters first (`tag=a%20b`), so such a `%` appears as `%25` in the log.
enum DeltaPath {
    /// The path of a file below the table, percent-encoded for the log.
    static func encode(_ path: String) -> String {
        var result = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case _ where "/=-._~".utf8.contains(byte): result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }

    /// The path on the disk for a path in the log; a `%` that starts no escape stands for itself.
    static func decode(_ path: String) -> String {
        guard path.utf8.contains(UInt8(ascii: "%")) else { return path }
        let bytes = Array(path.utf8)
        var result: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "%"), position + 2 < bytes.count,
                let value = UInt8(
                    String(decoding: bytes[position + 1...position + 2], as: UTF8.self), radix: 16)
            {
                result.append(value)
                position += 3
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The values that Hive-style folder names give: `year=2026/month=08/part.parquet` → year 2026, month 08.
    static func partitionValues(of path: String) -> [String: String?] {
        var values: [String: String?] = [:]
        for folder in path.split(separator: "/").dropLast() {
            guard let equals = folder.firstIndex(of: "=") else { continue }
            let value = decode(String(folder[folder.index(after: equals)...]))
            values[decode(String(folder[..<equals]))] =
                .some(value == "__HIVE_DEFAULT_PARTITION__" || value.isEmpty ? nil : value)
        }
        return values
    }
}
