import CDuckDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes values into one column of a ``TableAppender``'s chunk, or into what nests in it.
///
/// Nothing is checked, for a cell must cost no more than its store: the caller picks the setter that fits the column's
/// physical type, writes every row of every column (NULL included) and gives valid UTF-8. A writer is a bare address
/// into its appender and is only good inside ``Connection/withAppender(table:schema:_:)``.
public struct ColumnWriter {
    @usableFromInline let node: UnsafeMutablePointer<ColumnNode>

    @inlinable
    init(_ node: UnsafeMutablePointer<ColumnNode>) { self.node = node }

    /// Makes the row NULL, with all that nests in it.
    @inlinable
    public func setNull(_ row: Int) {
        switch node.pointee.shape {
        case .flat: break
        case .list:
            // Readers look at the entry of a NULL list too.
            store(duckdb_list_entry(offset: UInt64(node.pointee.childCount), length: 0), row)
        case .structure:
            for index in 0..<node.pointee.children.count { field(index).setNull(row) }
        }
        let validity = node.pointee.validity ?? ColumnNode.makeValidity(node)
        validity[row >> 6] &= ~(1 << UInt64(row & 63))
    }

    /// Sets a VARCHAR or BLOB to a copy of the bytes.
    @inlinable
    public func setText(_ row: Int, _ bytes: UnsafeRawPointer, _ count: Int) {
        guard count <= 12 else {
            duckdb_unsafe_vector_assign_string_element_len(
                node.pointee.vector, idx_t(row), bytes.assumingMemoryBound(to: CChar.self), idx_t(count))
            return
        }
        // DuckDB keeps short strings in the entry itself, padded with zeros, which saves the call.
        let entry = node.pointee.data + row &* 16
        entry.storeBytes(of: UInt64(count), as: UInt64.self)
        entry.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
        memcpy(entry + 4, bytes, count)
    }

    /// Sets a VARCHAR or BLOB to a copy of the bytes.
    @inlinable
    public func setText(_ row: Int, _ bytes: UnsafeRawBufferPointer) {
        if let start = bytes.baseAddress { setText(row, start, bytes.count) } else { setText(row, "") }
    }

    /// Sets a VARCHAR.
    @inlinable
    public func setText(_ row: Int, _ text: String) {
        var copy = text
        copy.withUTF8 { bytes in
            // An empty buffer may have no address; zero bytes are read from any.
            setText(
                row, UnsafeRawPointer(bytes.baseAddress.map(UnsafeRawPointer.init) ?? UnsafeRawPointer(node)),
                bytes.count)
        }
    }

    /// Sets a BIGINT, or a TIMESTAMP of any unit in its unit.
    @inlinable
    public func setInt64(_ row: Int, _ value: Int64) { store(value, row) }

    /// Sets an INTEGER, or a DATE in days since 1970.
    @inlinable
    public func setInt32(_ row: Int, _ value: Int32) { store(value, row) }

    /// Sets a BOOLEAN.
    @inlinable
    public func setBool(_ row: Int, _ value: Bool) { store(value, row) }

    /// Sets a DOUBLE.
    @inlinable
    public func setDouble(_ row: Int, _ value: Double) { store(value, row) }

    /// Sets a HUGEINT.
    @inlinable
    public func setInt128(_ row: Int, _ value: Int128) {
        store(
            duckdb_hugeint(
                lower: UInt64(truncatingIfNeeded: value), upper: Int64(truncatingIfNeeded: value >> 64)), row)
    }

    @inlinable
    func store<T: BitwiseCopyable>(_ value: T, _ row: Int) {
        node.pointee.data.storeBytes(of: value, toByteOffset: row &* MemoryLayout<T>.stride, as: T.self)
    }
}

extension ColumnWriter {
    /// A field of a STRUCT, at the same rows; or of a MAP's ``element``: 0 is the key, 1 the value.
    @inlinable
    public func field(_ index: Int) -> ColumnWriter {
        ColumnWriter(node.pointee.children.baseAddress.unsafelyUnwrapped + index)
    }

    /// The elements of a LIST, or the entries (a STRUCT of key and value) of a MAP, for all rows of the chunk together.
    @inlinable
    public var element: ColumnWriter { field(0) }

    /// Begins the row's LIST or MAP; ``appendElement()`` makes room for one more, ``endList(_:)`` ends it.
    @inlinable
    public func beginList() { node.pointee.listStart = node.pointee.childCount }

    /// Makes room for one more element, and says at which row of ``element`` to write it.
    @inlinable
    public func appendElement() -> Int {
        let index = node.pointee.childCount
        if index == node.pointee.childCapacity { ColumnNode.reserve(node, index + 1) }
        node.pointee.childCount = index + 1
        return index
    }

    /// Ends what ``beginList()`` began and stores it in the row.
    @inlinable
    public func endList(_ row: Int) {
        let start = node.pointee.listStart
        store(duckdb_list_entry(offset: UInt64(start), length: UInt64(node.pointee.childCount - start)), row)
    }

    /// Stores a LIST or MAP of `count` elements in the row, and says at which row of ``element`` they begin.
    @inlinable
    public func setList(_ row: Int, count: Int) -> Int {
        let start = node.pointee.childCount
        if start + count > node.pointee.childCapacity { ColumnNode.reserve(node, start + count) }
        node.pointee.childCount = start + count
        store(duckdb_list_entry(offset: UInt64(start), length: UInt64(count)), row)
        return start
    }
}
