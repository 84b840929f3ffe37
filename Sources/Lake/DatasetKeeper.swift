import Foundation
import Primitives

/// The datasets of a lake that the same process writes to otherwise as well: changes are made one after the other, and none while
/// somebody else needs the lake alone.
///
/// It begins held. Whoever holds it waits for the change that is being made, and so do changes for who holds it.
public actor DatasetKeeper {
    private let lake: EventLake
    private var isHeld = true
    /// Those who wait for their turn; no more than there may be files at once, and who needs the lake alone.
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// The keeper of a lake's datasets. Only for the holder of the ``WriterLock``. What was being received when the process before
    /// ended goes.
    public init(_ lake: EventLake) async throws {
        self.lake = try await lake.peer()
        try? FileManager.default.removeItem(at: lake.home.uploads)
    }

    /// The thread of the lake's own connection, for files wait for the disk.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { lake.unownedExecutor }

    /// Where files lie while they are received; made by who needs it.
    public nonisolated var uploads: String { lake.home.uploads.path }

    /// Makes the rows of a file that was received a dataset, or part of one; as ``EventLake/addDataset(_:from:mode:)``.
    public func add(
        _ name: String, received path: String, as label: String, format: DatasetFile.Format?,
        mode: DatasetMode
    ) async throws -> DatasetReport {
        let file = try DatasetFile(received: path, as: label, format: format)
        await hold()
        defer { release() }
        return try await lake.addDataset(name, from: file, mode: mode)
    }

    /// Takes a dataset away.
    public func drop(_ name: String) async throws {
        await hold()
        defer { release() }
        try await lake.dropDataset(name)
    }

    /// Waits until nobody changes datasets, and keeps them from it until ``release()``.
    public func hold() async {
        guard isHeld else { return isHeld = true }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// Lets the next have its turn.
    public func release() {
        guard !waiting.isEmpty else { return isHeld = false }
        waiting.removeFirst().resume()
    }
}
