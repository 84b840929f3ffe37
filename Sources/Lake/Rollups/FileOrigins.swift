// `sesame.origins` among the tags of an `add` action:
//
//   495000:6b1f0c22a94e0d57,495007:94e0f3dd56b1f2a9   a cell in decimal digits, and a rise in 16 hexadecimal digits, by cell
//
// Cell 3 h is the first ten seconds of the hour h since 1970, 3 h + 2 its last ten, 3 h + 1 what lies between.

import Primitives

/// Which files the rows of a file were first written to, by time: what stays the same where files are merged.
///
/// A file that is written of events is an origin. It has a number of its own, from its first event through its last. A merge adds up
/// the numbers of the files that it takes the place of, and tells of them in its commit. So where sums are the same, the rows are. Whoever
/// writes rows anew in another way, be it to erase somebody or as a foreign writer, tells of nothing, and the new file is an origin.
///
/// Time is cut so that the span of an hour or a day, and the ``RollupRecipe/reach`` around it, are whole cells.
struct FileOrigins: Hashable, Sendable {
    /// Where the sum is not what it was in the cell before.
    private struct Step: Hashable {
        let cell: Int64
        /// How much it is greater; sums and rises wrap around.
        let rise: UInt64
    }

    /// By their cells.
    private let steps: [Step]

    /// The tag that tells of a merged file's.
    static let tag = "sesame.origins"

    private init(_ rises: [Int64: UInt64]) {
        steps = rises.filter { $0.value != 0 }.map { Step(cell: $0, rise: $1) }.sorted { $0.cell < $1.cell }
    }

    /// What the log tells of a file with events of a time.
    init(of file: AddFile, with events: ClosedRange<Timestamp>) {
        if let text = file.tags?[Self.tag] ?? nil, let told = Self(parsing: text) {
            self = told
            return
        }
        let number = UInt64(truncatingIfNeeded: RollupHash.digest(file.path))
        self.init([
            Self.cell(of: events.lowerBound): number, Self.cell(of: events.upperBound) + 1: 0 &- number,
        ])
    }

    /// Those of a file that takes the place of others.
    init(merging files: [FileOrigins]) {
        var rises: [Int64: UInt64] = [:]
        for step in files.lazy.flatMap(\.steps) { rises[step.cell, default: 0] &+= step.rise }
        self.init(rises)
    }

    /// Those that a tag tells of; nil where it is not one of ours.
    init?(parsing text: String) {
        var rises: [Int64: UInt64] = [:]
        for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let numbers = part.split(separator: UInt8(ascii: ":")).map(Substring.init)
            guard numbers.count == 2, let cell = Int64(numbers[0]), let rise = UInt64(numbers[1], radix: 16),
                rises.updateValue(rise, forKey: cell) == nil
            else { return nil }
        }
        self.init(rises)
    }

    /// As in the tag.
    var text: String {
        steps.map { step in
            let digits = String(step.rise, radix: 16)
            return "\(step.cell):\(String(repeating: "0", count: 16 - digits.count))\(digits)"
        }.joined(separator: ",")
    }

    /// A hash of the sums of some files in a span and the reach around it: another one where their rows are not the same.
    static func digest(of span: RollupSpan, _ files: some Sequence<FileOrigins>) -> UInt128 {
        let (first, last) = (cell(of: span.start) - 1, cell(of: span.end))
        // The sum of the first, then the rises.
        var numbers = [UInt64](repeating: 0, count: Int(last - first) + 1)
        for step in files.lazy.flatMap(\.steps) where step.cell <= last {
            numbers[Int(max(0, step.cell - first))] &+= step.rise
        }
        return RollupHash.digest(numbers)
    }

    private static func cell(of time: Timestamp) -> Int64 {
        let hour = time.microseconds.floorDivided(by: RollupSpan.hourLength)
        let within = time.microseconds - hour * RollupSpan.hourLength
        let end = RollupSpan.hourLength - RollupRecipe.reach
        return hour * 3 + (within < RollupRecipe.reach ? 0 : within < end ? 1 : 2)
    }
}
