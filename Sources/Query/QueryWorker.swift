import DuckDB
import Foundation
import Primitives

// What a worker and its parent say to each other:
//
//   parent → worker, standard input:  the length of a QueryRequest as 8 bytes, little-endian, then the request as JSON;
//                                     left open until the worker has ended
//   worker → parent, standard output: the rows in the format asked for, as they are made
//   worker → parent, standard error:  nothing, or one line of JSON {"kind": …, "message": …} before status 1
//
// A worker runs one statement and ends. DuckDB's own limits do not hold against hostile SQL, so the system's do: the
// address space is limited before DuckDB opens, and the parent kills at the deadline. When the parent is gone, however it
// went, its end of standard input closes, and the worker ends itself. (The kernel's "signal on parent death" means the
// death of the thread that started the child; threads of a pool die while the process lives.) Status 0 is the only
// success; a death by signal is a limit that was reached.

/// The process that runs one statement.
public enum QueryWorker {
    struct Problem: Codable {
        var kind: String
        var message: String
    }

    /// Reads a request, runs it and writes the rows.
    ///
    /// - Returns: the exit status.
    public static func run() async -> Int32 {
        do {
            let request = try readRequest()
            endWithParent()
            // The address space holds code, stacks and reserved memory beside what a query uses: about this much.
            let overhead = 1 << 30
            var limit = rlimit(
                rlim_cur: rlim_t(request.memoryBytes + overhead),
                rlim_max: rlim_t(request.memoryBytes + overhead))
            setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
            // The deadline once more, in processor time on all cores, should the parent stop.
            var seconds = rlimit(
                rlim_cur: rlim_t(request.timeoutSeconds * 4 + 5),
                rlim_max: rlim_t(request.timeoutSeconds * 4 + 6))
            setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &seconds)
            let sandbox = try await QuerySandbox(request)
            let sql = AthenaDialect.translate(request.sql)
            try await sandbox.check(sql)
            if let file = request.parquetFile {
                try await writeParquet(sql, to: file, sandbox)
                return 0
            }
            let output = BufferedOutput(descriptor: STDOUT_FILENO)
            try await sandbox.connection.perform { connection in
                var writer = RowWriters.make(request.format, tableRows: request.tableRows)
                try connection.stream(
                    sql, header: { try output.write(writer.begin($0)) },
                    each: { chunk in
                        for row in chunk.rows() { try output.write(writer.row(row)) }
                        return true
                    })
                try output.write(writer.end())
                try output.flush()
            }
            return 0
        } catch let failure as Failure {
            return report(failure)
        } catch {
            return report(Failure(.storage, "the query worker failed: \(error)"))
        }
    }

    private static func readRequest() throws -> QueryRequest {
        let header = try FileHandle.standardInput.readWhole(8)
        let length = header.reversed().reduce(0) { $0 << 8 | Int($1) }
        guard (1...(1 << 30)).contains(length) else {
            throw Failure(
                .input, "the query worker was sent no request; it is started by Sesame, not by hand")
        }
        return try JSONDecoder().decode(QueryRequest.self, from: FileHandle.standardInput.readWhole(length))
    }

    /// Ends the process once standard input is at its end, whatever DuckDB is busy with.
    private static func endWithParent() {
        Thread.detachNewThread {
            while let more = try? FileHandle.standardInput.read(upToCount: 1), !more.isEmpty {}
            _exit(1)
        }
    }

    /// The statement was found to be one SELECT, so it is one between parentheses too: it cannot end them early.
    private static func writeParquet(_ sql: String, to file: String, _ sandbox: QuerySandbox) async throws {
        guard let statement = StatementSplitter.split(sql).first else { return }
        try await sandbox.connection.execute(
            "COPY (\n\(statement)\n) TO \(SQL.literal(file)) (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)"
        )
    }

    private static func report(_ failure: Failure) -> Int32 {
        // DuckDB speaks of itself where the sandbox is meant.
        var failure = failure
        if failure.message.contains("disabled by configuration")
            || failure.message.hasPrefix("Permission Error")
        {
            failure = Failure(.refused, "the statement reaches outside the lake: \(failure.message)")
        } else if failure.message.hasPrefix("Out of Memory") || failure.message.contains("bad_alloc")
            || failure.message.contains("bad allocation")
        {
            failure = Failure(
                .limit, "the query needs more memory than its limit; ask for less or raise --memory")
        }
        let problem = Problem(kind: failure.kind.rawValue, message: failure.message)
        if let line = try? JSONEncoder().encode(problem) { FileHandle.standardError.write(line) }
        return 1
    }
}

extension FileHandle {
    /// Exactly `count` bytes.
    fileprivate func readWhole(_ count: Int) throws -> Data {
        var data = Data()
        while data.count < count {
            guard let more = try read(upToCount: count - data.count), !more.isEmpty else {
                throw Failure(
                    .input, "the query worker's request ended early; it is started by Sesame, not by hand")
            }
            data += more
        }
        return data
    }
}

/// Collects small writes; throws when the reader has gone.
final class BufferedOutput: @unchecked Sendable {
    // Proof for `@unchecked Sendable`: used inside one `Connection.perform` and nowhere else.
    private var buffer: [UInt8] = []
    private let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    func write(_ text: String) throws {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= 1 << 16 { try flush() }
    }

    func flush() throws {
        var position = 0
        while position < buffer.count {
            let written = buffer.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress! + position, $0.count - position)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw Failure(.cancelled, "the reader of the result has gone") }
            position += written
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
