import Foundation
import Lake

extension DatasetFile.Format {
    /// What a `Content-Type` says; nil for one that says nothing, such as those that browsers give to what they do not know.
    init?(mediaType: String) {
        switch mediaType.prefix(while: { $0 != ";" }).lowercased().trimmingCharacters(in: .whitespaces) {
        case "text/csv", "text/tab-separated-values": self = .csv
        case "application/json", "application/x-ndjson", "application/jsonl": self = .json
        case "application/vnd.apache.parquet": self = .parquet
        default: return nil
        }
    }

    /// The `Content-Type` of a file in the format.
    var mediaType: String {
        switch self {
        case .csv: "text/csv"
        case .json: "application/json"
        case .parquet: "application/vnd.apache.parquet"
        }
    }
}
