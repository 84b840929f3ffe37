import Foundation
import Primitives
import Scanning

/// The erasure of one person: what was asked for, how far it is, and what it changed.
public struct Erasure: Codable, Sendable, Equatable {
    /// What was changed in one place.
    public struct Change: Codable, Sendable, Equatable {
        /// A table's name, `raw`, or `sesame.db`.
        public var place: String
        /// Files that were written anew.
        public var files = 0
        /// Rows that named the person; for `raw` 0, since its files are not read as rows.
        public var rows = 0

        /// A change of a place.
        public init(place: String, files: Int, rows: Int = 0) {
            (self.place, self.files, self.rows) = (place, files, rows)
        }
    }

    /// Its name, a UUID.
    public var id: String
    /// The address in lower case, as long as the erasure is unfinished; the tables have it so long, too.
    public var recipient: String?
    /// The address's keyed hash, by which its later arrivals are known.
    public var identity: String
    /// The keyed hash of the pseudonym that stands for the address in events that were made anonymous; nil in erasures from
    /// before there were any.
    public var pseudonym: String?
    /// What stands in the address's place.
    public var token: String
    /// Why, in the words of whoever asked.
    public var reason: String
    /// Who asked, as the audit log names them.
    public var actor: String
    /// Whether the user's own tables are rewritten too.
    public var includesDatasets: Bool
    /// When it was asked for.
    public var requestedAt: String
    /// When it was done; nil while it is unfinished.
    public var finishedAt: String?
    /// What was changed so far, by place.
    public var changes: [Change] = []
    /// Tables of the user's that still name the address, with their rows: they were not to be rewritten.
    public var remaining: [Change] = []

    /// Whether there is something left to do.
    public var isFinished: Bool { finishedAt != nil }

    /// Adds to what was changed in a place.
    public mutating func note(_ place: String, files: Int, rows: Int) {
        guard files > 0 || rows > 0 else { return }
        if let index = changes.firstIndex(where: { $0.place == place }) {
            changes[index].files += files
            changes[index].rows += rows
        } else {
            changes.append(Change(place: place, files: files, rows: rows))
        }
    }

    /// The address of a person as erasures know it: in lower case, without a name.
    ///
    /// - Throws: ``Failure`` of kind usage where it is no address.
    public static func address(_ text: String) throws(Failure) -> String {
        var address = text.trimmingCharacters(in: .whitespaces)
        if address.hasSuffix(">"), let open = address.lastIndex(of: "<") {
            address = String(address[address.index(after: open)...].dropLast())
        }
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, parts[1].utf8.count > 2, parts[1].contains("."),
            address.utf8.count <= 320,
            !address.contains(where: { $0.isWhitespace || $0.isNewline || "<>,;:\"\\()[]".contains($0) })
        else { throw Failure(.usage, "'\(text)' is no mail address; write it as in ann@example.com") }
        let lower = String(
            decoding: address.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
        guard !lower.hasSuffix("@" + AddressScrubber.erasedDomain) else {
            throw Failure(.usage, "'\(text)' stands for somebody who was erased already")
        }
        return lower
    }
}
