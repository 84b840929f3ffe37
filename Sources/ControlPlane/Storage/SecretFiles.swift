import Foundation
import Primitives

/// Secrets that must be had back in plain text, a file for each source: `<home>/secrets/<source id>`, mode 0600.
///
/// A file is one JSON object:
///
///     {"current": "ses_sk_…", "previous": "ses_sk_…", "previousUntil": 1785585600000000}
///
/// `previous` is what `current` was before a rotation, good until `previousUntil` (microseconds since the Unix epoch); both
/// are absent if there is none. Why these are not in the database: docs/decisions/0008-secrets.md. Calls block.
struct SecretFiles: Sendable {
    let folder: URL

    struct Content: Codable, Equatable {
        var current: String
        var previous: String?
        var previousUntil: Int64?
    }

    /// What is kept for a source; nil if nothing is.
    func content(of source: Int64) throws(Failure) -> Content? {
        let file = url(source)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        do {
            return try JSONDecoder().decode(Content.self, from: Data(contentsOf: file))
        } catch {
            throw Failure(
                .storage, "cannot read \(file.path): restore it from a backup, or rotate the source's secret")
        }
    }

    /// Keeps a secret, on the disk when this returns.
    func set(_ content: Content, of source: Int64) throws(Failure) {
        try PrivateFile.makeFolder(folder)
        guard let bytes = try? JSONEncoder().encode(content) else {
            throw Failure(.input, "the secret is no text that can be kept")
        }
        try PrivateFile.replace(url(source), with: Array(bytes))
    }

    /// Forgets a source's secret.
    func remove(_ source: Int64) throws(Failure) {
        let file = url(source)
        guard unlink(file.path) == 0 || errno == ENOENT else {
            throw Failure(.storage, "cannot delete \(file.path): \(String(cString: strerror(errno)))")
        }
    }

    private func url(_ source: Int64) -> URL { folder.appending(path: "\(source)") }
}
