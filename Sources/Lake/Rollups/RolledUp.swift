import Primitives

/// What is in the files of a recipe at one moment, and what is not.
public struct RolledUp: Sendable {
    /// Absolute paths of the files of days that have events in the time asked for.
    public let files: [String]
    /// Those of its summary, where it has one.
    public let summaries: [String]
    /// The times of events that none of these has, closed at the beginning and open at the end, in their order.
    public let rest: [Range<Timestamp>]

    /// Finds the files for `days` among those that there are; nil where there is none.
    init?(
        _ days: RollupDays, _ recipe: RollupRecipe, in home: HomeDirectory,
        during time: ClosedRange<Timestamp>
    )
        throws
    {
        let present = try recipe.names(home)
        guard !present.isEmpty else { return nil }
        var names: [String] = []
        var missing = days.others
        func take(_ span: RollupSpan) -> Bool {
            guard let name = days.name(of: span, recipe), present.contains(name) else { return false }
            names.append(name)
            return true
        }
        // The newest first: who looks for the newest of something then finds at once that the others are older.
        for day in days.days.reversed() where day.times.overlaps(time) {
            if take(RollupSpan(day)) { continue }
            let hours = days.hours(of: day).reversed()
            missing += hours.isEmpty ? [day.times] : hours.filter { !take($0) }.map(\.times)
        }
        guard !names.isEmpty else { return nil }
        let locations = recipe.folders(home).map { folder in names.map { folder.location($0) } }
        (files, summaries) = (locations[0], locations.dropFirst().first ?? [])
        rest = Self.joined(missing)
    }

    /// Whether a file of `events` has rows that belong to the rest, or have a say in it.
    func needs(_ file: DataFile) -> Bool {
        guard let times = file.eventTimes?.widened(by: RollupRecipe.reach) else { return true }
        return rest.contains { $0.lowerBound <= times.upperBound && times.lowerBound < $0.upperBound }
    }

    /// The times as few ranges that do not meet.
    private static func joined(_ ranges: [ClosedRange<Timestamp>]) -> [Range<Timestamp>] {
        var joined: [Range<Timestamp>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            let end = Timestamp(microseconds: range.upperBound.microseconds + 1)
            if let last = joined.last, range.lowerBound <= last.upperBound {
                joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, end)
            } else {
                joined.append(range.lowerBound..<end)
            }
        }
        return joined
    }
}
