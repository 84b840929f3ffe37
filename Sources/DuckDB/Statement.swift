import CDuckDB
import Foundation
import Primitives

/// A prepared statement; it stays inside the ``Connection`` that made it.
final class Statement {
    private var handle: duckdb_prepared_statement?

    init(_ connection: duckdb_connection, _ sql: String) throws(Failure) {
        guard duckdb_prepare(connection, sql, &handle) == DuckDBSuccess else { throw takeFailure() }
    }

    init(
        _ connection: duckdb_connection, _ extracted: duckdb_extracted_statements?, _ index: idx_t
    ) throws(Failure) {
        guard duckdb_prepare_extracted_statement(connection, extracted, index, &handle) == DuckDBSuccess
        else {
            throw takeFailure()
        }
    }

    deinit { duckdb_destroy_prepare(&handle) }

    private func takeFailure() -> Failure {
        .engine(duckdb_prepare_error(handle), otherwise: "the statement cannot be prepared")
    }

    var kind: StatementKind {
        StatementKind(rawValue: duckdb_prepared_statement_type(handle).rawValue) ?? .invalid
    }

    var columns: [ResultColumn] {
        (0..<duckdb_prepared_statement_column_count(handle)).map {
            ResultColumn(
                name: String(
                    consuming: UnsafeMutablePointer(
                        mutating: duckdb_prepared_statement_column_name(handle, $0))),
                type: ColumnType(consuming: duckdb_prepared_statement_column_logical_type(handle, $0)))
        }
    }

    func bind(_ parameters: [Value]) throws(Failure) {
        let expected = Int(duckdb_nparams(handle))
        guard parameters.count == expected else {
            throw Failure(
                .usage, "the statement has \(expected) parameters, but \(parameters.count) values were given")
        }
        for (index, parameter) in parameters.enumerated() {
            var value = try EngineValue.make(parameter)
            defer { duckdb_destroy_value(&value) }
            guard duckdb_bind_value(handle, idx_t(index + 1), value) == DuckDBSuccess else {
                throw .engine(
                    duckdb_prepare_error(handle), otherwise: "parameter \(index + 1) cannot be bound")
            }
        }
    }

    /// Starts the statement; rows come as they are asked for.
    func start(streaming: Bool = true) throws(Failure) -> ResultStream {
        var pending: duckdb_pending_result?
        defer { duckdb_destroy_pending(&pending) }
        let state =
            streaming
            ? duckdb_pending_prepared_streaming(handle, &pending) : duckdb_pending_prepared(handle, &pending)
        guard state == DuckDBSuccess else {
            throw .engine(duckdb_pending_error(pending), otherwise: "the statement cannot be started")
        }
        try wait(for: pending)
        var result = duckdb_result()
        guard duckdb_execute_pending(pending, &result) == DuckDBSuccess else {
            defer { duckdb_destroy_result(&result) }
            throw .engine(duckdb_result_error(&result), otherwise: "the statement failed without a word")
        }
        return ResultStream(consuming: result)
    }
}

extension Statement {
    /// Works on a statement until it has its result, or its first rows.
    ///
    /// DuckDB's own way of waiting asks for tasks without a pause while other threads have them all, which costs a core.
    private func wait(for pending: duckdb_pending_result?) throws(Failure) {
        while true {
            let state = duckdb_pending_execute_task(pending)
            // Asked for its result, a statement that failed would only say that it did.
            if state == DUCKDB_PENDING_ERROR, let message = duckdb_pending_error(pending),
                message.pointee != 0
            {
                throw .engine(message, otherwise: "")
            }
            if duckdb_pending_execution_is_finished(state) { return }
            if state == DUCKDB_PENDING_NO_TASKS_AVAILABLE { usleep(200) }
        }
    }
}

/// The result of a running statement. DuckDB computes a little ahead of who reads it, and no further.
final class ResultStream {
    private var result: duckdb_result
    let columns: [ResultColumn]

    init(consuming result: duckdb_result) {
        var result = result
        columns = (0..<duckdb_column_count(&result)).map {
            ResultColumn(
                name: duckdb_column_name(&result, $0).map { String(cString: $0) } ?? "",
                type: ColumnType(consuming: duckdb_column_logical_type(&result, $0)))
        }
        self.result = result
    }

    deinit { duckdb_destroy_result(&result) }

    /// The next rows; nil at the end.
    func next() throws(Failure) -> Chunk? {
        while let handle = duckdb_fetch_chunk(result) {
            let chunk = Chunk(consuming: handle, columns: columns)
            // DuckDB may hand out an empty chunk where a filter left nothing.
            if chunk.rowCount > 0 { return chunk }
        }
        if let message = duckdb_result_error(&result), message.pointee != 0 {
            throw .engine(message, otherwise: "")
        }
        return nil
    }
}
