import CDuckDB
import Primitives

/// A function of SQL that is written in Swift: texts and whole numbers in, a text or NULL out.
///
/// DuckDB calls it from its own threads, several at once. Where an argument is NULL, so is the result.
public struct TextFunction: Sendable {
    /// What a parameter may be.
    public enum Parameter: Sendable {
        /// VARCHAR.
        case text
        /// BIGINT.
        case integer
    }

    /// The arguments of one call; not to be kept beyond it.
    public struct Arguments {
        fileprivate let columns: [ColumnReader]
        fileprivate let row: Int

        /// The bytes of a VARCHAR, in place.
        public func text(_ index: Int) -> UnsafeRawBufferPointer { columns[index].bytes(row) }

        /// The value of a BIGINT.
        public func integer(_ index: Int) -> Int64 { columns[index].load(row, as: Int64.self) }
    }

    let name: String
    let parameters: [Parameter]
    let body: @Sendable (Arguments) -> [UInt8]?

    /// A function.
    ///
    /// - Parameter body: gives valid UTF-8, or nil for NULL.
    public init(
        _ name: String, _ parameters: [Parameter], _ body: @escaping @Sendable (Arguments) -> [UInt8]?
    ) {
        (self.name, self.parameters, self.body) = (name, parameters, body)
    }
}

extension Connection {
    /// Makes a function known to all connections of the database, as long as that lives; once known, it stays as it is.
    public func register(_ function: TextFunction) throws(Failure) {
        guard try !knows(function.name) else { return }
        var handle = duckdb_create_scalar_function()
        defer { duckdb_destroy_scalar_function(&handle) }
        duckdb_scalar_function_set_name(handle, function.name)
        for parameter in function.parameters {
            LogicalType.with(parameter.type) { duckdb_scalar_function_add_parameter(handle, $0) }
        }
        LogicalType.with(DUCKDB_TYPE_VARCHAR) { duckdb_scalar_function_set_return_type(handle, $0) }
        // It is dear, and must run once for each row; what is volatile is never computed twice.
        duckdb_scalar_function_set_volatile(handle)
        let box = Unmanaged.passRetained(FunctionBox(function))
        duckdb_scalar_function_set_extra_info(handle, box.toOpaque()) { pointer in
            if let pointer { Unmanaged<FunctionBox>.fromOpaque(pointer).release() }
        }
        duckdb_scalar_function_set_function(handle) { info, input, output in
            guard let pointer = duckdb_scalar_function_get_extra_info(info) else { return }
            Unmanaged<FunctionBox>.fromOpaque(pointer).takeUnretainedValue().call(input, output)
        }
        let state = duckdb_register_scalar_function(self.handle.pointer, handle)
        // Another connection may have been quicker.
        if state == DuckDBSuccess { return }
        guard try knows(function.name) else {
            throw Failure(.storage, "DuckDB does not take the function \(function.name)")
        }
    }

    private func knows(_ function: String) throws(Failure) -> Bool {
        try !rows("SELECT 1 FROM duckdb_functions() WHERE function_name = ?", [.text(function)]).isEmpty
    }
}

/// Keeps the function as long as DuckDB has it.
private final class FunctionBox: Sendable {
    private let function: TextFunction

    init(_ function: TextFunction) { self.function = function }

    func call(_ input: duckdb_data_chunk?, _ output: duckdb_vector?) {
        let columns = function.parameters.enumerated().map { index, parameter in
            ColumnReader(duckdb_data_chunk_get_vector(input, idx_t(index)), parameter.columnType)
        }
        duckdb_vector_ensure_validity_writable(output)
        let validity = duckdb_vector_get_validity(output)
        for row in 0..<Int(duckdb_data_chunk_get_size(input)) {
            guard columns.allSatisfy({ !$0.isNull(row) }),
                let text = function.body(TextFunction.Arguments(columns: columns, row: row))
            else {
                duckdb_validity_set_row_invalid(validity, idx_t(row))
                continue
            }
            // An empty array may have no address, and DuckDB wants one.
            (text.isEmpty ? [0] : text).withUnsafeBytes { bytes in
                duckdb_vector_assign_string_element_len(
                    output, idx_t(row), bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                    idx_t(text.count))
            }
        }
    }
}

/// A type of DuckDB that lives for a call.
private enum LogicalType {
    static func with(_ id: duckdb_type, _ body: (duckdb_logical_type?) -> Void) {
        var type = duckdb_create_logical_type(id)
        body(type)
        duckdb_destroy_logical_type(&type)
    }
}

extension TextFunction.Parameter {
    fileprivate var type: duckdb_type {
        switch self {
        case .text: DUCKDB_TYPE_VARCHAR
        case .integer: DUCKDB_TYPE_BIGINT
        }
    }

    fileprivate var columnType: ColumnType {
        switch self {
        case .text: .scalar(.text)
        case .integer: .scalar(.bigint)
        }
    }
}
