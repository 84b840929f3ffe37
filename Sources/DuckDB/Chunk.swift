import CDuckDB

/// A name and a type of a result.
public struct ResultColumn: Hashable, Sendable {
    /// The column's name.
    public let name: String
    /// The column's type.
    public let type: ColumnType
}

/// Up to 2,048 rows of a result, column by column, as DuckDB holds them.
public struct Chunk: ~Copyable {
    private let handle: duckdb_data_chunk
    /// The columns of the result that the chunk is a part of.
    public let columns: [ResultColumn]
    /// How many rows the chunk has.
    public let rowCount: Int

    init(consuming handle: duckdb_data_chunk, columns: [ResultColumn]) {
        self.handle = handle
        self.columns = columns
        rowCount = Int(duckdb_data_chunk_get_size(handle))
    }

    deinit {
        var owned: duckdb_data_chunk? = handle
        duckdb_destroy_data_chunk(&owned)
    }

    /// The values of one column; it must not be kept beyond the chunk.
    public func column(_ index: Int) -> ColumnReader {
        ColumnReader(duckdb_data_chunk_get_vector(handle, idx_t(index)), columns[index].type)
    }

    /// All rows, copied out. For small results.
    public func rows() -> [[Value]] {
        // A loop, since a method of a noncopyable value cannot be passed on.
        var readers: [ColumnReader] = []
        for index in columns.indices { readers.append(column(index)) }
        return (0..<rowCount).map { row in readers.map { $0.value(row) } }
    }
}

/// Typed access to the values of one column of a ``Chunk`` (or of what nests in it), valid while the chunk is.
///
/// The typed accessors read the buffer where it is: they are only right for columns of that physical type and for rows
/// that are not NULL.
public struct ColumnReader {
    /// The column's type.
    public let type: ColumnType
    @usableFromInline let vector: duckdb_vector?
    @usableFromInline let data: UnsafeRawPointer
    @usableFromInline let validity: UnsafePointer<UInt64>?

    init(_ vector: duckdb_vector?, _ type: ColumnType) {
        self.vector = vector
        self.type = type
        // STRUCT vectors have no buffer of their own; a non-null address keeps the accessors free of checks.
        data =
            duckdb_vector_get_data(vector).map { UnsafeRawPointer($0) }
            ?? UnsafeRawPointer(bitPattern: 8).unsafelyUnwrapped
        validity = UnsafePointer(duckdb_vector_get_validity(vector))
    }

    /// Whether the row is NULL.
    @inlinable
    public func isNull(_ row: Int) -> Bool {
        guard let validity else { return false }
        return validity[row >> 6] & (1 << UInt64(row & 63)) == 0
    }

    /// The value of a fixed-width column as it lies in memory, such as Int64 of a BIGINT.
    @inlinable
    public func load<T: BitwiseCopyable>(_ row: Int, as: T.Type) -> T {
        data.load(fromByteOffset: row &* MemoryLayout<T>.stride, as: T.self)
    }

    /// The bytes of a VARCHAR, BLOB or JSON value, in place.
    @inlinable
    public func bytes(_ row: Int) -> UnsafeRawBufferPointer {
        let entry = data + row &* 16
        let count = Int(entry.load(as: UInt32.self))
        if count <= 12 { return UnsafeRawBufferPointer(start: entry + 4, count: count) }
        return UnsafeRawBufferPointer(
            start: entry.load(fromByteOffset: 8, as: UnsafeRawPointer.self), count: count)
    }

    /// Where the elements of a LIST or MAP row lie in ``element`` or ``field(_:)``.
    public func range(_ row: Int) -> Range<Int> {
        if case .array(_, let count) = type { return row * count..<(row + 1) * count }
        let entry = load(row, as: duckdb_list_entry.self)
        return Int(entry.offset)..<Int(entry.offset + entry.length)
    }

    /// The elements of all rows of a LIST or ARRAY.
    public var element: ColumnReader {
        switch type {
        case .list(let element): ColumnReader(duckdb_list_vector_get_child(vector), element)
        case .array(let element, _): ColumnReader(duckdb_array_vector_get_child(vector), element)
        default: self
        }
    }

    /// A field of a STRUCT; the key (0) or value (1) of a MAP; the tag (0) or a member (from 1) of a UNION.
    public func field(_ index: Int) -> ColumnReader {
        switch type {
        case .structure(let fields):
            return ColumnReader(duckdb_struct_vector_get_child(vector, idx_t(index)), fields[index].type)
        case .union(let members):
            let memberType = index == 0 ? .scalar(.utinyint) : members[index - 1].type
            return ColumnReader(duckdb_struct_vector_get_child(vector, idx_t(index)), memberType)
        case .map(let key, let value):
            let entries = duckdb_list_vector_get_child(vector)
            return ColumnReader(
                duckdb_struct_vector_get_child(entries, idx_t(index)), index == 0 ? key : value)
        default:
            return self
        }
    }
}
