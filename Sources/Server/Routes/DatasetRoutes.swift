import ControlPlane
import Foundation
import HTTPTypes
import Lake
import Primitives
import Synchronization

/// `/api/v1/datasets`: the user's own tables.
///
///     GET    /api/v1/datasets                                       scope read
///     PUT    /api/v1/datasets/NAME?mode=create&file=orders.csv      the file as the body; mode: create, replace or append
///     DELETE /api/v1/datasets/NAME
///
/// Changes take the scope admin; of people, an analyst may make a dataset, and an admin replace, extend and drop what others use.
/// What the file holds is told by its `Content-Type`, or else by its first bytes; it may be compressed. `file` is what errors call it.
struct DatasetRoutes: Sendable {
    let access: Access
    let keeper: DatasetKeeper
    let lake: EventLake
    private let room = UploadRoom()

    init(access: Access, keeper: DatasetKeeper, lake: EventLake) {
        (self.access, self.keeper, self.lake) = (access, keeper, lake)
    }

    /// The routes.
    func routes(bodyLimit: Int) -> [Route] {
        [
            Route(.get, "/api/v1/datasets", handler: list),
            Route(.put, "/api/v1/datasets/{name}", bodyLimit: bodyLimit, handler: put),
            Route(.delete, "/api/v1/datasets/{name}", handler: drop),
        ]
    }

    private func list(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .read)
        let datasets = try await lake.datasets().map { dataset in
            [
                "name": .text(dataset.name), "rows": .number(Int(dataset.rows)),
                "files": .number(dataset.files),
                "bytes": .number(Int(dataset.bytes)), "version": .number(Int(dataset.version)),
            ] as JSONValue
        }
        return .json(.ok, ["datasets": .list(datasets)])
    }

    private func put(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let mode = DatasetMode(rawValue: request.queryValue("mode") ?? DatasetMode.create.rawValue)
        let caller = try await access.caller(
            of: request, for: .admin, role: mode == .create ? .analyst : .admin)
        guard let mode else {
            throw HTTPProblem(.badRequest, "bad-request", "mode is create, replace or append")
        }
        let name = request.decodedParameter("name")
        try EventLake.checkDatasetName(name)
        let label = String((try request.decodedQuery("file") ?? "the body").prefix(200))
        let report = try await room.entered {
            let upload = Upload(in: keeper.uploads)
            do {
                try await request.body.forEachPiece { try await upload.append($0) }
                let report = try await keeper.add(
                    name, received: try await upload.close(), as: label,
                    format: request.headers[.contentType].flatMap(DatasetFile.Format.init(mediaType:)),
                    mode: mode)
                await upload.remove()
                return report
            } catch {
                await upload.remove()
                throw Self.conflict(error)
            }
        }
        try await access.control.audit(
            by: caller.actor, "dataset.\(mode.rawValue)", on: "dataset:\(name)", ["rows": "\(report.rows)"])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return ReceiverAnswer(
            status: .ok, headers: [.contentType: "application/json"],
            body: [UInt8](try encoder.encode(report)),
            outcome: "ok")
    }

    private func drop(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .admin)
        let name = request.decodedParameter("name")
        try await keeper.drop(name)
        try await access.control.audit(by: caller.actor, "dataset.drop", on: "dataset:\(name)")
        return .json(.ok, ["name": .text(name), "state": "dropped"])
    }

    private static func conflict(_ error: any Error) -> any Error {
        guard let failure = error as? Failure, failure.kind == .refused else { return error }
        return HTTPProblem(.conflict, "dataset-conflict", failure.message)
    }
}

/// How many files are received at once; more would fill the disk before one of them is done.
private final class UploadRoom: Sendable {
    private static let places = 4
    private let taken = Mutex(0)

    func entered<Value>(_ body: () async throws -> Value) async throws -> Value {
        let isIn = taken.withLock { taken in
            guard taken < Self.places else { return false }
            taken += 1
            return true
        }
        guard isIn else {
            throw HTTPProblem(
                .serviceUnavailable, "busy", "\(Self.places) files are being received at the moment",
                hint: "send it again after the time in Retry-After", retryAfterSeconds: 5)
        }
        defer { taken.withLock { $0 -= 1 } }
        return try await body()
    }
}
