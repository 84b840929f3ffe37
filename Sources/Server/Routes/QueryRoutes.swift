import Analytics
import ControlPlane
import Foundation
import HTTPTypes
import Primitives
import Query

/// `/api/v1/query`, and the dictionary: numbers as every page, report and command counts them.
///
///     POST /api/v1/query        {"metrics":["sends"],"dimensions":["day"],"date_range":"7d"}   scope read
///     GET  /api/v1/metrics      the metrics                                                    scope read
///     GET  /api/v1/dimensions   the dimensions                                                 scope read
///
/// The answer is JSON, CSV or Parquet, as `Accept` or the parameter `format` says. When the client leaves, the query is cancelled. With
/// `Cache-Control: no-cache` it is worked out anew, though it is kept and nothing came since.
struct QueryRoutes: Sendable {
    let access: Access
    let services: QueryServices

    /// The routes.
    func routes(bodyLimit: Int) -> [Route] {
        [
            Route(.post, "/api/v1/query", bodyLimit: bodyLimit, handler: query),
            Route(.get, "/api/v1/metrics") { try await dictionary($0, MetricReference.metricsJSON) },
            Route(.get, "/api/v1/dimensions") { try await dictionary($0, MetricReference.dimensionsJSON) },
        ]
    }

    private func dictionary(_ request: IncomingRequest, _ json: String) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .read, isShared: true)
        return ReceiverAnswer(
            status: .ok, headers: [.contentType: "application/json"], body: Array(json.utf8), outcome: "ok")
    }

    private func query(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .read, isShared: true)
        let format = try ResultFormat(request)
        let body = try await request.body.readDecoded(request.headers[.contentEncoding])
        let asked = try AnalyticsQuery.decode(body)
        let query = try caller.bounded(asked, as: format)
        if caller.seesNoAddresses {
            try asked.checkForViewer()
            guard format != .parquet else {
                throw HTTPProblem(
                    .forbidden, "insufficient-role",
                    "your role, viewer, gets no Parquet: addresses cannot be hidden in it",
                    hint: "ask for JSON or CSV")
            }
        }
        let bytes: [UInt8]
        do {
            let isAnew = request.headers[.cacheControl]?.contains("no-cache") == true
            bytes = try await request.departure.cancelling {
                try await answer(query, as: format, isAnew: isAnew)
            }
        } catch let failure as Failure where failure.kind == .limit {
            throw HTTPProblem(queryLimit: failure)
        }
        return ReceiverAnswer(
            status: .ok, headers: [.contentType: format.contentType],
            body: caller.seesNoAddresses ? AddressMask.mask(bytes) : bytes, outcome: "ok")
    }

    private func answer(_ query: AnalyticsQuery, as format: ResultFormat, isAnew: Bool) async throws
        -> [UInt8]
    {
        let analytics = services.analytics
        switch format {
        case .json: return Array(try await analytics.answer(query, isAnew: isAnew).json.utf8)
        case .csv: return Array(try await analytics.answer(query, isAnew: isAnew).csv.utf8)
        case .parquet:
            let path = "\(services.filesFolder)/\(UUID().uuidString).parquet"
            let file = PassingFile(path: path)
            do {
                try await analytics.write(query, toParquet: path)
                return try await file.take()
            } catch {
                await file.remove()
                throw error
            }
        }
    }
}

/// In which form a result is wanted.
enum ResultFormat: String, CaseIterable {
    case json, csv, parquet

    var contentType: String {
        switch self {
        case .json: "application/json"
        case .csv: "text/csv; charset=utf-8"
        case .parquet: "application/vnd.apache.parquet"
        }
    }

    /// What a request wants: its parameter `format`, else the first type of `Accept` that there is, else JSON.
    ///
    /// - Throws: ``HTTPProblem`` 400 for a format that there is not, 406 where `Accept` leaves nothing.
    init(_ request: IncomingRequest) throws(HTTPProblem) {
        let hint =
            "there are: application/json, text/csv and application/vnd.apache.parquet, or format=json, csv or parquet"
        if let name = request.queryValue("format") {
            guard let known = ResultFormat(rawValue: name) else {
                throw HTTPProblem(.badRequest, "bad-format", "there is no such format", hint: hint)
            }
            self = known
            return
        }
        let accepted = request.headers[values: .accept].flatMap { $0.split(separator: ",") }.map {
            $0.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        }
        guard !accepted.isEmpty else {
            self = .json
            return
        }
        for type in accepted {
            let known = Self.allCases.first { $0.contentType.prefix { $0 != ";" } == type }
            if let known = known ?? (["*/*", "application/*"].contains(type) ? .json : nil) {
                self = known
                return
            }
        }
        throw HTTPProblem(
            .notAcceptable, "not-acceptable", "no answer has a type that Accept takes", hint: hint)
    }
}

extension HTTPProblem {
    /// A query that came to a limit: the caller's of time and memory, or that of how many run.
    init(queryLimit failure: Failure) {
        if failure.message.hasPrefix("too many") {
            self.init(
                .tooManyRequests, "too-many-queries", failure.message,
                hint: "send it again after the time in Retry-After", retryAfterSeconds: 5)
        } else {
            self.init(
                .unprocessableContent, "query-limit", failure.message,
                hint: "ask for less: a shorter time, fewer rows")
        }
    }
}

/// A file that is read once and removed, on a thread of its own.
actor PassingFile {
    private let executor = BlockingExecutor(label: "sesame.result-file")
    private let path: String

    init(path: String) { self.path = path }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func take() throws -> [UInt8] {
        defer { remove() }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.storage, "cannot read \(path)")
        }
        return [UInt8](data)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
