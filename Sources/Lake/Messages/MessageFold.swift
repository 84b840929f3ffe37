import Foundation
import Parquet
import Primitives
import SESEvents
import Synchronization

/// Folds staged events into rows of `messages`, as ``MessagesModel`` says in SQL.
///
/// The rows of an import are folded as the events come, while their texts are still codes; reading them back from Parquet
/// and aggregating them in SQL took three times as long as all the rest. What SQL makes of the same events is the same,
/// and is what readers use for the events that `messages` does not have yet.
///
/// Past a number of rows those of the oldest days go into files, which ``EventLake/commit(_:replacing:)`` merges.
public final class MessageFold: Sendable {
    /// Rows that are held at most, some 70 MB of them.
    public static let usualCapacity = 200_000

    private let folder: String
    let capacity: Int
    private let state = Mutex(MessageRows())
    private let files = Mutex<[CivilDay: [String]]>([:])

    init(folder: String, capacity: Int) {
        self.folder = folder
        self.capacity = capacity
    }

    /// Folds the staged events at these places.
    ///
    /// - Throws: ``Failure`` of kind storage when rows that are too many cannot be written.
    public func add(_ stage: EventStage, _ places: [UInt32]) throws {
        try state.withLock { rows in
            rows.add(stage, places)
            if rows.count > capacity { try write(&rows, leaving: capacity / 2) }
        }
    }

    /// Writes what is left, and gives the files of each day.
    func finish() throws -> [CivilDay: [String]] {
        try state.withLock { rows in try write(&rows, leaving: 0) }
        return files.withLock { $0 }
    }

    /// Writes the rows of the oldest days until `left` remain at most.
    private func write(_ rows: inout MessageRows, leaving left: Int) throws {
        try rows.takeOldest(leaving: left) { day, groups in
            let path = try day.newFile(in: folder)
            try ParquetFile.write(groups, columns: MessageRows.columns, to: folder + "/" + path)
            files.withLock { $0[day, default: []].append(path) }
        }
    }
}
