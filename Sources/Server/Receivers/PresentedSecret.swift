import ControlPlane
import Foundation
import Primitives
import Scanning

/// A secret as a stranger presents it.
///
/// It cannot be read or compared: the one question is whether it opens a source, which ``Source/accepts(_:at:)`` answers in a
/// time that tells nothing.
struct PresentedSecret: Sendable, CustomStringConvertible, CustomReflectable {
    private let text: String

    /// A secret that stands in a header of its own.
    init(_ text: String) { self.text = text }

    /// Whether it is the source's secret.
    func opens(_ source: Source, at now: Timestamp) -> Bool { source.accepts(text, at: now) }

    var description: String { "a presented secret" }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension PresentedSecret {
    /// The value of `token` in a query, which must come once.
    init?(query: String) {
        let values = query.split(separator: "&").filter { $0.hasPrefix("token=") }
        guard values.count == 1, let text = values[0].dropFirst("token=".count).removingPercentEncoding else {
            return nil
        }
        self.init(text)
    }

    /// User and password of an `Authorization` header (RFC 7617).
    static func basic(_ header: String) -> (user: String, password: PresentedSecret)? {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic", header.utf8.count <= 4_096 else {
            return nil
        }
        let decoded = Array(parts[1].utf8).withUnsafeBytes { Base64.decode($0) }
        guard let text = decoded.flatMap({ String(validating: $0, as: UTF8.self) }),
            let colon = text.firstIndex(of: ":")
        else { return nil }
        return (String(text[..<colon]), PresentedSecret(String(text[text.index(after: colon)...])))
    }
}
