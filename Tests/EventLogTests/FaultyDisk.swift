import Foundation
import Synchronization
import TestSupport

@testable import EventLog

/// A real disk that counts, fails on demand, and can lose its power.
final class FaultyDisk: LogDisk {
    struct State {
        var syncs = 0
        var writes = 0
        /// The most bytes that a write takes; nil for all.
        var shortWrites: Int?
        /// Bytes that the disk still has room for; nil for enough.
        var room: Int?
        var holdsSyncs = false
        var failingSyncs = 0
        var failingTruncations = 0
        var failingCreations = 0
        var failingFolderSyncs = 0
        /// Ranges that were written and not yet synced, with the bytes that were there before.
        var unsynced: [String: [Range<Int>]] = [:]
    }

    let state = Mutex(State())
    private let gate = DispatchSemaphore(value: 0)
    private let system = SystemDisk()

    var syncs: Int { state.withLock(\.syncs) }

    /// Whether bytes were written that no sync has made durable.
    var hasUnsyncedBytes: Bool { state.withLock { !$0.unsynced.isEmpty } }

    /// From now on a sync waits until it is allowed.
    func holdSyncs() {
        while gate.wait(timeout: .now()) == .success {}
        set { $0.holdsSyncs = true }
    }

    /// Lets one held sync go.
    func allowSync() { gate.signal() }

    /// Lets the held sync and all later ones go.
    func releaseSyncs() {
        set { $0.holdsSyncs = false }
        gate.signal()
    }

    fileprivate func passGate() {
        if state.withLock(\.holdsSyncs) { gate.wait() }
    }

    func set(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    func create(_ path: String) throws(SystemError) -> any LogFile {
        let fails = state.withLock { state in
            state.failingCreations -= 1
            return state.failingCreations >= 0
        }
        if fails { throw SystemError(ENOSPC) }
        return FaultyFile(self, path, try system.create(path))
    }

    func open(_ path: String) throws(SystemError) -> any LogFile {
        FaultyFile(self, path, try system.open(path))
    }

    func remove(_ path: String) throws(SystemError) { try system.remove(path) }

    func rename(_ path: String, to newPath: String) throws(SystemError) {
        try system.rename(path, to: newPath)
        // The segment's file was opened under its first name.
        state.withLock { $0.unsynced[path] = nil }
    }

    func syncFolder(_ path: String) throws(SystemError) {
        let fails = state.withLock { state in
            state.failingFolderSyncs -= 1
            return state.failingFolderSyncs >= 0
        }
        if fails { throw SystemError(EIO) }
        try system.syncFolder(path)
    }

    /// What a loss of power leaves of unsynced bytes: any of their 512-byte sectors, and any length of the file.
    func losePower(_ path: String, using random: inout SeededGenerator) throws {
        let ranges = state.withLock { state in state.unsynced.values.flatMap { $0 } }
        guard let first = ranges.map(\.lowerBound).min() else { return }
        var bytes = Array(try Data(contentsOf: URL(filePath: path)))
        var sector = first
        while sector < bytes.count {
            let end = min(bytes.count, (sector / 512 + 1) * 512)
            if Bool.random(using: &random) { for index in sector..<end { bytes[index] = 0 } }
            sector = end
        }
        let length =
            Bool.random(using: &random) ? bytes.count : Int.random(in: first...bytes.count, using: &random)
        try Data(bytes[..<length]).write(to: URL(filePath: path))
    }
}

private final class FaultyFile: LogFile {
    private let disk: FaultyDisk
    private let path: String
    private let file: any LogFile

    init(_ disk: FaultyDisk, _ path: String, _ file: any LogFile) {
        (self.disk, self.path, self.file) = (disk, path, file)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at position: Int) throws(SystemError) -> Int {
        let count = disk.state.withLock { state in
            state.writes += 1
            let count = min(bytes.count, state.shortWrites ?? .max, state.room ?? .max)
            state.room = state.room.map { $0 - count }
            state.unsynced[path, default: []].append(position..<position + count)
            return count
        }
        guard count > 0 else { throw SystemError(ENOSPC) }
        return try file.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: position)
    }

    func sync() throws(SystemError) {
        disk.passGate()
        let fails = disk.state.withLock { state in
            state.failingSyncs -= 1
            if state.failingSyncs < 0 {
                state.syncs += 1
                state.unsynced[path] = nil
            }
            return state.failingSyncs >= 0
        }
        if fails { throw SystemError(EIO) }
        try file.sync()
    }

    func truncate(to length: Int) throws(SystemError) {
        let fails = disk.state.withLock { state in
            state.failingTruncations -= 1
            return state.failingTruncations >= 0
        }
        if fails { throw SystemError(EIO) }
        try file.truncate(to: length)
    }
}
