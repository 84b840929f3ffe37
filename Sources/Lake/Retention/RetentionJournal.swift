// How far retention is, in `workspaces/<workspace>/retention/`, mode 0700. Files are replaced by `rename`, so that they are
// always whole.
//
// `state.json`, written only by whoever holds the WriterLock; members that are not known yet are left out:
//     anonymous_before   a day: events before it that come in are made anonymous on their way
//     anonymous_done     a day: events before it that are in the tables are anonymous; behind `anonymous_before` only while
//                        somebody is at it, or after a kill
//     raw_deleted_before a day: raw bytes that were received before it are gone
//     old_versions_since when rows were last changed; older versions of the tables have what they had before
//     last_run           the last run that came to its end
//
// `raw.json`, written by the same: how old the files of received bytes are, so that they need not be read to know. Losing it
// costs time only.
//
// `request.json`, written by a command beside a server, which takes it as an order to run: `id`.

import Foundation
import Primitives

/// Keeps the state of retention of a home; see the top of the file for the format.
public struct RetentionJournal: Sendable {
    private let folder: String
    private var state: String { folder + "/state.json" }
    private var raw: String { folder + "/raw.json" }
    private var request: String { folder + "/request.json" }

    /// The journal of a home.
    public init(_ home: HomeDirectory) {
        folder = home.url.appending(path: "workspaces/\(home.workspace)/retention").path
    }

    /// The state; an empty one where nothing was ever done.
    ///
    /// - Throws: ``Failure`` of kind storage where the file cannot be read.
    public func load() throws(Failure) -> RetentionState {
        try read(RetentionState.self, state) ?? RetentionState()
    }

    /// Keeps the state. Only for the process that holds the ``WriterLock``.
    func save(_ new: RetentionState) throws(Failure) { try write(new, state) }

    /// Changes the state. Only for the process that holds the ``WriterLock``.
    func change(_ body: (inout RetentionState) -> Void) throws(Failure) {
        var state = try load()
        body(&state)
        try save(state)
    }

    /// Notes a run that came to its end, or could not. Only for the process that holds the ``WriterLock``.
    public func note(_ report: RetentionReport) throws(Failure) { try change { $0.lastRun = report } }

    /// What is known of the files of received bytes, by their paths.
    public func rawAges() throws(Failure) -> [String: RawFileAge] {
        try read([String: RawFileAge].self, raw) ?? [:]
    }

    /// Keeps what is known of the files of received bytes. Only for the process that holds the ``WriterLock``.
    public func save(rawAges: [String: RawFileAge]) throws(Failure) { try write(rawAges, raw) }

    /// Orders a run from the server that has the lake.
    public func ask(_ order: RetentionRequest) throws(Failure) { try write(order, request) }

    /// The order that waits; nil if there is none.
    public func asked() throws(Failure) -> RetentionRequest? { try read(RetentionRequest.self, request) }

    /// Takes an order away, once its run has been noted; one that came after it stays.
    public func answer(_ order: RetentionRequest) throws(Failure) {
        if try asked()?.id == order.id { try TableDisk.delete(request) }
    }

    // MARK: Files

    private func read<Value: Decodable>(_ type: Value.Type, _ path: String) throws(Failure) -> Value? {
        guard let bytes = try TableDisk.read(path) else { return nil }
        guard let value = try? JSONDecoder().decode(type, from: Data(bytes)) else {
            throw Failure(.storage, "\(path) cannot be read; restore it from the backup")
        }
        return value
    }

    private func write(_ value: some Encodable, _ path: String) throws(Failure) {
        try TableDisk.makeFolder(folder)
        guard chmod(folder, 0o700) == 0 else { throw TableDisk.failure("set the mode of", folder) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let bytes: [UInt8]
        do { bytes = Array(try encoder.encode(value)) } catch {
            throw Failure(.storage, "\(path) cannot be written: \(error)")
        }
        try TableDisk.replace(path, with: bytes)
    }
}
