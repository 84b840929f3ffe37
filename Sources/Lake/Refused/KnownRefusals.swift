/// The ids of all records in `refused`, so that keeping a batch of refusals costs no read of the table.
///
/// A hash lies anywhere, so statistics prune nothing: without this, each batch that refuses one record would read the ids of
/// all before it, and a sender's mistake repeated all day would cost the square of its number. Here the ids are read once,
/// 16 bytes each, and again only when somebody else changed the table: a merge, a replay. Above ``limit`` they are not held
/// and each batch reads the one column after all, which is bounded in memory and slow only where refusals are millions.
struct KnownRefusals: Sendable {
    /// The most ids that are held.
    static let limit: Int64 = 2_000_000

    private(set) var ids: Set<UInt128> = []
    private var version: Int64?

    /// Whether these are the ids of that version.
    func areCurrent(at version: Int64) -> Bool { self.version == version }

    /// Takes the ids that a version has.
    mutating func replace(with texts: [String], at version: Int64) {
        ids = Set(texts.compactMap { UInt128($0, radix: 16) })
        self.version = version
    }

    /// Adds what was committed as `version`; after a version of others in between, nothing is known any more.
    mutating func add(_ texts: [String], committedAs version: Int64) {
        guard self.version == version - 1 else {
            self = KnownRefusals()
            return
        }
        ids.formUnion(texts.compactMap { UInt128($0, radix: 16) })
        self.version = version
    }

    /// Whether the table has it.
    func contains(_ text: String) -> Bool { UInt128(text, radix: 16).map(ids.contains) ?? false }
}
