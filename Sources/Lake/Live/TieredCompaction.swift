/// Which files of a growing table to merge now.
///
/// A file belongs to a tier by its rows: 1 to 9, 10 to 99, 100 to 999 and so on. Ten files of one tier and one partition
/// become one, which then has ten times the tier's least rows and so belongs to a higher tier. Rows only ever climb:
/// each is rewritten at most once a tier, six times until its file has a million rows or ``largestSize`` and is
/// left alone. So the bytes written are at most seven times those that came, and a partition holds at most nine
/// small files in each of the six tiers between two passes.
///
/// Rows and not bytes make the tiers because they add up exactly; small Parquet files are mostly footer.
public struct TieredCompaction: Hashable, Sendable {
    /// So many files of one tier become one, and each tier has so many times the rows of the one below.
    public var fan = 10
    /// A file with so many rows is left alone.
    public var largestRows: Int64 = 1_000_000
    /// A file of so many bytes is left alone.
    public var largestSize: Int64 = 96 << 20

    /// The defaults.
    public init() {}

    /// The tier of a file; nil for one that is left alone.
    func tier(of file: DataFile) -> Int? {
        guard let rows = file.rowCount, rows < largestRows, file.size < largestSize else { return nil }
        var (tier, least) = (0, Int64(fan))
        while least <= rows { (tier, least) = (tier + 1, least * Int64(fan)) }
        return tier
    }

    /// The merges that are due, those of the smallest files first.
    public func plan(_ snapshot: TableSnapshot) -> [CompactionGroup] {
        struct Place: Hashable {
            let tier: Int
            let partition: [String: String?]
        }
        var places: [Place: [DataFile]] = [:]
        for file in snapshot.filesByPath.values {
            guard let tier = tier(of: file) else { continue }
            places[Place(tier: tier, partition: file.partitionValues), default: []].append(file)
        }
        let due = places.filter { $0.value.count >= fan }.map { place, files in
            // All of them, not ten: after a rush one merge brings the tier down.
            (place.tier, CompactionGroup(partitionValues: place.partition, files: upToLargest(files)))
        }
        return due.filter { $0.1.files.count > 1 }
            .sorted { ($0.0, $0.1.files[0].path) < ($1.0, $1.1.files[0].path) }.map(\.1)
    }

    /// The oldest files, as many as give a file that is not too large.
    private func upToLargest(_ files: [DataFile]) -> [DataFile] {
        let ordered = files.sorted { ($0.add.modificationTime, $0.path) < ($1.add.modificationTime, $1.path) }
        var (size, rows): (Int64, Int64) = (0, 0)
        // The one that passes a limit still belongs to it: two files may be just under it.
        return Array(
            ordered.prefix { file in
                guard size < largestSize, rows < largestRows else { return false }
                size += file.size
                rows += file.rowCount ?? 0
                return true
            })
    }
}
