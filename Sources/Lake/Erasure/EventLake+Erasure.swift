import DuckDB
import Foundation
import Primitives
import Scanning

extension EventLake {
    /// The erasures of this home.
    public nonisolated var erasures: ErasureJournal { ErasureJournal(home) }

    /// Finds out which files do not name the person, so that ``eraseFromTables(_:note:)`` need not look at them again. Others
    /// may write meanwhile.
    public func prepareErasure(_ erasure: Erasure) async throws {
        var clean: [String: Set<String>] = [:]
        for name in try tableNames() { clean[name] = try await pass(name, erasure).cleanFiles() }
        cleanFiles = (erasure.id, clean)
    }

    /// Rewrites the tables that name the person of an erasure. Only while nothing else writes to the lake: an event that came
    /// again would not be known for one whose identity changes at this moment.
    ///
    /// - Parameter note: hears of each table that is done, so that it can be kept.
    public func eraseFromTables(_ erasure: inout Erasure, note: (Erasure) throws -> Void) async throws {
        for name in try tableNames()
        where name != "messages" && (erasure.includesDatasets || !isDataset(name)) {
            try await erase(name, &erasure, note)
        }
        // What came since and was rewritten must be in `messages` before older versions of `events` go.
        try await updateMessages()
        try await erase("messages", &erasure, note)
    }

    /// Takes away the older versions of the tables, and leftovers. Only for the one who holds the ``WriterLock`` while
    /// nothing else writes.
    public func purgeAfterErasure(_ erasure: Erasure) async throws {
        recent = RecentEvents(capacity: recent.capacity)
        cleanFiles = nil
        // What came from the log must be in `messages` before the commits go that tell what came.
        try await updateMessages()
        try erasures.removeLeftovers()
        for name in try tableNames() where erasure.includesDatasets || !isDataset(name) {
            try await table(name).purge()
        }
        try await purgeRollups()
    }

    /// The rows of each table that name the person; nothing is changed.
    ///
    /// - Parameter datasetsOnly: whether only the user's own tables are looked at.
    public func findings(of erasure: Erasure, datasetsOnly: Bool = false) async throws -> [Erasure.Change] {
        var found: [Erasure.Change] = []
        for name in try tableNames() where !datasetsOnly || isDataset(name) {
            onProgress("looking at \(name)")
            let (files, rows) = try await pass(name, erasure).count()
            if rows > 0 { found.append(Erasure.Change(place: name, files: files, rows: rows)) }
        }
        return found
    }

    private func erase(_ name: String, _ erasure: inout Erasure, _ note: (Erasure) throws -> Void)
        async throws
    {
        onProgress("erasing from \(name)")
        let clean = cleanFiles?.erasure == erasure.id ? cleanFiles?.paths[name] : nil
        let (files, rows) = try await pass(name, erasure).run(clean: clean ?? [])
        erasure.note(name, files: files, rows: rows)
        if files > 0 { try note(erasure) }
    }

    private func pass(_ name: String, _ erasure: Erasure) throws -> TableErasure {
        let kind: TableErasure.Kind =
            switch name {
            case "events": .events
            case "messages": .messages
            case "refused": .refused
            default: .plain
            }
        return TableErasure(
            table: table(name), name: name, kind: kind, scrubber: try erasures.scrubber(of: erasure),
            needles: try needles(erasure))
    }

    private func isDataset(_ name: String) -> Bool { name.hasPrefix("datasets/") }

    /// What every row has some of that names the person: letters of the address, or the digits of its pseudonym.
    private func needles(_ erasure: Erasure) throws -> [String] {
        guard let recipient = erasure.recipient, let needle = Self.needle(recipient) else { return [] }
        let pseudonym = Pseudonym.of(recipient, under: try home.makeAddressHash())
        return [needle] + [Self.needle(pseudonym)].compactMap { $0 }
    }

    /// The longest run of letters and digits in the local part: nobody writes those in another way.
    static func needle(_ address: String) -> String? {
        let local = address.prefix { $0 != "@" }.utf8
        let runs = local.split { !(97...122).contains($0) && !(48...57).contains($0) }
        return runs.max { $0.count < $1.count }.map { String(decoding: Array($0), as: UTF8.self) }
    }
}
