import Primitives

/// Rows in memory, column by column, on their way into a Parquet file.
///
/// Whoever appends gives every column one value a row and then calls ``endRow()``. Not for several threads.
public final class RowBatch {
    /// A column's storage, by what it holds.
    enum Storage {
        case text(UnsafeMutablePointer<TextColumn>)
        case number(UnsafeMutablePointer<NumberColumn>)
        case textList(UnsafeMutablePointer<TextListColumn>)
        case textListMap(UnsafeMutablePointer<TextListMapColumn>)
        case structureList(UnsafeMutablePointer<StructureListColumn>)
    }

    /// The columns.
    public let columns: [ColumnDeclaration]
    /// How many rows are complete.
    public private(set) var rowCount = 0
    private(set) var storage: [Storage] = []

    /// An empty batch.
    public init(_ columns: [ColumnDeclaration]) {
        self.columns = columns
        storage = columns.map { Self.makeStorage($0.shape) }
    }

    deinit { release() }

    /// Ends the row that was appended.
    @inline(__always)
    public func endRow() { rowCount &+= 1 }

    /// Forgets the rows. Addresses of columns that were given out are no longer good.
    public func removeAll() {
        release()
        storage = columns.map { Self.makeStorage($0.shape) }
        rowCount = 0
    }

    /// A text column's storage; good until ``removeAll()``.
    public func text(_ column: Int) -> UnsafeMutablePointer<TextColumn> {
        guard case .text(let pointer) = storage[column] else { wrongShape(column) }
        return pointer
    }

    /// The storage of an integer, timestamp or boolean column; good until ``removeAll()``.
    public func number(_ column: Int) -> UnsafeMutablePointer<NumberColumn> {
        guard case .number(let pointer) = storage[column] else { wrongShape(column) }
        return pointer
    }

    /// The storage of a column of text lists; good until ``removeAll()``.
    public func textList(_ column: Int) -> UnsafeMutablePointer<TextListColumn> {
        guard case .textList(let pointer) = storage[column] else { wrongShape(column) }
        return pointer
    }

    /// The storage of a column of maps; good until ``removeAll()``.
    public func textListMap(_ column: Int) -> UnsafeMutablePointer<TextListMapColumn> {
        guard case .textListMap(let pointer) = storage[column] else { wrongShape(column) }
        return pointer
    }

    /// The storage of a column of structure lists; good until ``removeAll()``.
    public func structureList(_ column: Int) -> UnsafeMutablePointer<StructureListColumn> {
        guard case .structureList(let pointer) = storage[column] else { wrongShape(column) }
        return pointer
    }

    private func wrongShape(_ column: Int) -> Never {
        fatalError("column \(columns[column].name) holds \(columns[column].shape)")
    }

    private static func makeStorage(_ shape: ColumnDeclaration.Shape) -> Storage {
        switch shape {
        case .text: .text(make(TextColumn()))
        case .integer, .timestamp, .boolean: .number(make(NumberColumn()))
        case .textList: .textList(make(TextListColumn()))
        case .textListMap: .textListMap(make(TextListMapColumn()))
        case .structureList(let fields): .structureList(make(StructureListColumn(width: fields.count)))
        }
    }

    private static func make<Column: ~Copyable>(_ column: consuming Column) -> UnsafeMutablePointer<Column> {
        let pointer = UnsafeMutablePointer<Column>.allocate(capacity: 1)
        pointer.initialize(to: column)
        return pointer
    }

    private func release() {
        for column in storage {
            switch column {
            case .text(let pointer): Self.free(pointer)
            case .number(let pointer): Self.free(pointer)
            case .textList(let pointer): Self.free(pointer)
            case .textListMap(let pointer): Self.free(pointer)
            case .structureList(let pointer): Self.free(pointer)
            }
        }
        storage = []
    }

    private static func free<Column: ~Copyable>(_ pointer: UnsafeMutablePointer<Column>) {
        pointer.deinitialize(count: 1)
        pointer.deallocate()
    }
}
