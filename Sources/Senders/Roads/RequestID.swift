import Foundation

/// Ids of requests, in the form in which AWS's services write theirs.
enum RequestID {
    static func next() -> String { UUID().uuidString.lowercased() }
}
