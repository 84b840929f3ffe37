// The erasures of a workspace: `workspaces/<workspace>/erasures/<uuid>.json`, one file an erasure, JSON with sorted keys,
// mode 0600; see `Erasure` for its members. A file is replaced by `rename`, so that it is always whole. It is there from
// before the first byte is changed, and stays: it is how later arrivals of an erased person are known. `recipient` is in it
// while the erasure is unfinished and goes with the last step.

import Foundation
import Primitives
import Scanning

/// The erasures that a home has seen, those that are unfinished among them.
public struct ErasureJournal: Sendable {
    private let home: HomeDirectory
    private let folder: String

    /// The journal of a home.
    public init(_ home: HomeDirectory) {
        self.home = home
        folder = home.url.appending(path: "workspaces/\(home.workspace)/erasures").path
    }

    /// All erasures, the oldest first.
    ///
    /// - Throws: ``Failure`` of kind storage where a file cannot be read.
    public func all() throws(Failure) -> [Erasure] {
        var erasures: [Erasure] = []
        for name in try TableDisk.names(in: folder) where name.hasSuffix(".json") {
            let path = folder + "/" + name
            guard let bytes = try TableDisk.read(path) else { continue }
            guard let erasure = try? JSONDecoder().decode(Erasure.self, from: Data(bytes)) else {
                throw Failure(.storage, "\(path) cannot be read; restore it from the backup")
            }
            erasures.append(erasure)
        }
        return erasures.sorted { ($0.requestedAt, $0.id) < ($1.requestedAt, $1.id) }
    }

    /// The erasures that are not done yet.
    public func unfinished() throws(Failure) -> [Erasure] { try all().filter { !$0.isFinished } }

    /// When an erasure was begun or went on last; nil where there was none. It tells whether a look is worth while.
    public func changedAt() throws(Failure) -> Timestamp? { try TableDisk.entry(folder, name: "")?.modified }

    /// The erasure of that name; nil if there is none.
    public func erasure(_ id: String) throws(Failure) -> Erasure? { try all().first { $0.id == id } }

    /// What replaces the addresses of all erasures, the unfinished ones too; nil where nobody was erased.
    public func scrubber() throws(Failure) -> AddressScrubber? {
        let erasures = try all()
        guard !erasures.isEmpty else { return nil }
        guard let hash = try home.addressHash() else {
            throw Failure(
                .storage,
                "\(home.privacyKey.path) is missing, by which erased people are known; restore it from the backup"
            )
        }
        return AddressScrubber(hash, Self.replacements(erasures))
    }

    /// What replaces the address of one erasure.
    public func scrubber(of erasure: Erasure) throws(Failure) -> AddressScrubber {
        AddressScrubber(try home.makeAddressHash(), Self.replacements([erasure]))
    }

    /// What becomes of a text by one erasure; nil of it is a text that stays.
    public func replacement(of erasure: Erasure) throws(Failure) -> @Sendable (String) -> String? {
        let scrubber = try scrubber(of: erasure)
        return { scrubber.scrub($0) }
    }

    /// Begins an erasure: from now on events that name the address come in with the token in its place, and whoever opens the
    /// lake to write knows that there is something left to do.
    ///
    /// - Returns: the erasure; the unfinished one of this address where there is one.
    public func begin(
        _ recipient: String, reason: String, actor: String, includesDatasets: Bool = false,
        at now: Timestamp = .now
    ) throws(Failure) -> Erasure {
        var erasure = try draft(
            recipient, reason: reason, actor: actor, includesDatasets: includesDatasets, at: now)
        if var present = try unfinished().first(where: { $0.identity == erasure.identity }) {
            present.includesDatasets = present.includesDatasets || includesDatasets
            erasure = present
        }
        try save(erasure)
        return erasure
    }

    /// An erasure that is not begun, to look what it would do.
    public func draft(
        _ recipient: String, reason: String, actor: String, includesDatasets: Bool, at now: Timestamp = .now
    ) throws(Failure) -> Erasure {
        let address = try Erasure.address(recipient)
        let hash = try home.makeAddressHash()
        var erasure = Erasure(
            id: UUID().uuidString.lowercased(), recipient: address,
            identity: SipHash.hex(AddressScrubber.identity(of: address, under: hash)),
            pseudonym: SipHash.hex(
                AddressScrubber.identity(of: Pseudonym.of(address, under: hash), under: hash)),
            token: AddressScrubber.token(of: address, under: hash), reason: reason, actor: actor,
            includesDatasets: includesDatasets, requestedAt: now.iso8601)
        erasure.reason = try scrubber(of: erasure).scrub(reason) ?? reason
        return erasure
    }

    /// Keeps how far an erasure is.
    public func save(_ erasure: Erasure) throws(Failure) {
        try TableDisk.makeFolder(folder)
        guard chmod(folder, 0o700) == 0 else { throw TableDisk.failure("set the mode of", folder) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let bytes: [UInt8]
        do { bytes = Array(try encoder.encode(erasure)) } catch {
            throw Failure(.storage, "an erasure cannot be written: \(error)")
        }
        try TableDisk.replace(folder + "/\(erasure.id).json", with: bytes)
    }

    /// Removes what a process that was killed left half written. Only while nobody else writes here.
    func removeLeftovers() throws(Failure) {
        for name in try TableDisk.names(in: folder) where name.hasPrefix(".") {
            try TableDisk.delete(folder + "/" + name)
        }
    }

    private static func replacements(_ erasures: [Erasure]) -> [UInt128: String] {
        Dictionary(
            erasures.flatMap { erasure in
                [erasure.identity, erasure.pseudonym].compactMap { $0.flatMap { SipHash.number(hex: $0) } }
                    .map { ($0, erasure.token) }
            }
        ) { first, _ in first }
    }
}
