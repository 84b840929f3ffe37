import Primitives

/// Rows in memory, column by column, on their way into a Parquet file.
///
/// The texts of all columns share one dictionary: an address stands in five columns of an event, and is looked up in memory
/// that the processor has just touched.
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
    /// The texts of all columns; good as long as the batch.
    public let dictionary: UnsafeMutablePointer<TextDictionary>
    let storage: [Storage]
    /// The leaf columns of each column.
    let leaves: [[Leaf]]

    /// An empty batch.
    public init(_ columns: [ColumnDeclaration]) {
        self.columns = columns
        let dictionary = Self.make(TextDictionary())
        self.dictionary = dictionary
        storage = columns.map { Self.makeStorage($0.shape, dictionary) }
        leaves = columns.map(\.leaves)
    }

    deinit {
        for column in storage {
            switch column {
            case .text(let pointer): Self.free(pointer)
            case .number(let pointer): Self.free(pointer)
            case .textList(let pointer): Self.free(pointer)
            case .textListMap(let pointer): Self.free(pointer)
            case .structureList(let pointer): Self.free(pointer)
            }
        }
        Self.free(dictionary)
    }

    /// Ends the row that was appended.
    @inline(__always)
    public func endRow() { rowCount &+= 1 }

    /// Forgets the rows.
    public func removeAll() {
        for column in storage {
            switch column {
            case .text(let pointer): pointer.pointee.removeAll()
            case .number(let pointer): pointer.pointee.removeAll()
            case .textList(let pointer): pointer.pointee.removeAll()
            case .textListMap(let pointer): pointer.pointee.removeAll()
            case .structureList(let pointer): pointer.pointee.removeAll()
            }
        }
        dictionary.pointee.removeAll()
        rowCount = 0
    }

    /// A text column's storage; good as long as the batch.
    public func text(_ column: Int) -> UnsafeMutablePointer<TextColumn> {
        guard case .text(let pointer) = storage[column] else { wrongShape(column) }
        return pointer
    }

    /// The storage of an integer, timestamp or boolean column; good as long as the batch.
    public func number(_ column: Int) -> UnsafeMutablePointer<NumberColumn> {
        guard case .number(let pointer) = storage[column] else { wrongShape(column) }
        return pointer
    }

    /// The storage of a column of text lists; good as long as the batch.
    public func textList(_ column: Int) -> UnsafeMutablePointer<TextListColumn> {
        guard case .textList(let pointer) = storage[column] else { wrongShape(column) }
        return pointer
    }

    /// The storage of a column of maps; good as long as the batch.
    public func textListMap(_ column: Int) -> UnsafeMutablePointer<TextListMapColumn> {
        guard case .textListMap(let pointer) = storage[column] else { wrongShape(column) }
        return pointer
    }

    /// The storage of a column of structure lists; good as long as the batch.
    public func structureList(_ column: Int) -> UnsafeMutablePointer<StructureListColumn> {
        guard case .structureList(let pointer) = storage[column] else { wrongShape(column) }
        return pointer
    }

    private func wrongShape(_ column: Int) -> Never {
        fatalError("column \(columns[column].name) holds \(columns[column].shape)")
    }

    private static func makeStorage(
        _ shape: ColumnDeclaration.Shape, _ texts: UnsafeMutablePointer<TextDictionary>
    ) -> Storage {
        switch shape {
        case .text: .text(make(TextColumn(texts)))
        case .integer, .timestamp, .boolean: .number(make(NumberColumn()))
        case .textList: .textList(make(TextListColumn(texts)))
        case .textListMap: .textListMap(make(TextListMapColumn(texts)))
        case .structureList(let fields): .structureList(make(StructureListColumn(texts, width: fields.count)))
        }
    }

    private static func make<Column: ~Copyable>(_ column: consuming Column) -> UnsafeMutablePointer<Column> {
        let pointer = UnsafeMutablePointer<Column>.allocate(capacity: 1)
        pointer.initialize(to: column)
        return pointer
    }

    private static func free<Column: ~Copyable>(_ pointer: UnsafeMutablePointer<Column>) {
        pointer.deinitialize(count: 1)
        pointer.deallocate()
    }
}
