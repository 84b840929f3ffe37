import AWSClients

/// What the name of an object says of its content.
///
/// Firehose's layouts (`2026/08/01/12/stream-1-…`, `year=2026/…`, prefixes of one's own) need no rules: keys are taken as they
/// are. Its error prefixes hold documents with `rawData`, which are read like any other.
enum ObjectKey {
    /// Whether an object is no events' for certain: a folder's marker, an empty one, or hidden as Hive and Spark hide
    /// (`_delta_log/…`, `_SUCCESS`, `.part`), below the source's prefix.
    static func isPassedOver(_ object: S3Object, prefix: String) -> Bool {
        if object.size == 0 || object.key.hasSuffix("/") { return true }
        let below = object.key.dropFirst(prefix.count)
        return below.split(separator: "/").contains { $0.hasPrefix("_") || $0.hasPrefix(".") }
    }

    /// Why an object need not be read to be refused, by the ending that its writer gave it; nil if it must be read.
    static func refusal(_ key: String) -> String? {
        guard let dot = key.lastIndex(of: "."), let advice = advice[key[dot...].lowercased()] else {
            return nil
        }
        return advice
    }

    private static let advice: [String: String] = [
        ".snappy": "compressed with Snappy, which is not read; set the Firehose stream to GZIP",
        ".hsnappy": "compressed with Hadoop's Snappy, which is not read; set the Firehose stream to GZIP",
        ".parquet": "a Parquet file; point the source at the JSON it was made from, or query it as a dataset",
        ".orc": "an ORC file; point the source at the JSON it was made from",
        ".avro": "an Avro file; point the source at the JSON it was made from",
        ".zip": "a ZIP archive, which is not read; write gzip instead",
    ]
}
