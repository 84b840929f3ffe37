import CDuckDB

/// What a ``ColumnWriter`` points at: the addresses inside one DuckDB vector.
///
/// Kept in memory of its own rather than in a class, which would count references and check exclusivity on every cell.
@usableFromInline
struct ColumnNode {
    @usableFromInline
    enum Shape {
        case flat, list, structure
    }

    @usableFromInline var vector: duckdb_vector?
    @usableFromInline var data: UnsafeMutableRawPointer
    /// Nil until the first NULL, as in DuckDB.
    @usableFromInline var validity: UnsafeMutablePointer<UInt64>?
    @usableFromInline let shape: Shape
    /// The element of a list, the fields of a struct.
    @usableFromInline let children: UnsafeMutableBufferPointer<ColumnNode>
    @usableFromInline var childCount = 0
    @usableFromInline var childCapacity = 0
    @usableFromInline var listStart = 0

    /// A tree for `type`; its addresses come with ``attach(_:_:)``.
    init(_ type: ColumnType) {
        let parts: [ColumnType]
        switch type {
        case .list(let element): (shape, parts) = (.list, [element])
        case .map(let key, let value):
            let entry = [
                ColumnType.Field(name: "key", type: key), ColumnType.Field(name: "value", type: value),
            ]
            (shape, parts) = (.list, [.structure(entry)])
        case .structure(let fields): (shape, parts) = (.structure, fields.map(\.type))
        default: (shape, parts) = (.flat, [])
        }
        data = ColumnNode.nowhere
        children = .allocate(capacity: parts.count)
        _ = children.initialize(from: parts.map { ColumnNode($0) })
    }

    /// Stands for the buffer of vectors that have none.
    private static var nowhere: UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(bitPattern: 16).unsafelyUnwrapped
    }

    func deallocate() {
        for child in children { child.deallocate() }
        children.deallocate()
    }

    /// Points the tree at `vector` as it is after a chunk was made or reset.
    static func attach(_ node: UnsafeMutablePointer<ColumnNode>, _ vector: duckdb_vector?) {
        node.pointee.vector = vector
        node.pointee.data = duckdb_vector_get_data(vector) ?? nowhere
        node.pointee.validity = nil
        switch node.pointee.shape {
        case .flat: break
        case .list:
            node.pointee.childCount = 0
            // A reset takes a grown child back to its first size, which is a vector's.
            node.pointee.childCapacity = Int(duckdb_vector_size())
            attach(node.pointee.children.baseAddress.unsafelyUnwrapped, duckdb_list_vector_get_child(vector))
        case .structure:
            attachFields(node)
        }
    }

    private static func attachFields(_ node: UnsafeMutablePointer<ColumnNode>) {
        guard let first = node.pointee.children.baseAddress else { return }
        for index in 0..<node.pointee.children.count {
            attach(first + index, duckdb_struct_vector_get_child(node.pointee.vector, idx_t(index)))
        }
    }

    @usableFromInline
    static func makeValidity(_ node: UnsafeMutablePointer<ColumnNode>) -> UnsafeMutablePointer<UInt64> {
        duckdb_vector_ensure_validity_writable(node.pointee.vector)
        let validity = duckdb_vector_get_validity(node.pointee.vector).unsafelyUnwrapped
        node.pointee.validity = validity
        return validity
    }

    /// Makes room for `count` elements, at least twice what there was.
    @usableFromInline
    static func reserve(_ node: UnsafeMutablePointer<ColumnNode>, _ count: Int) {
        let capacity = max(count, node.pointee.childCapacity * 2)
        duckdb_list_vector_reserve(node.pointee.vector, idx_t(capacity))
        node.pointee.childCapacity = capacity
        refresh(node.pointee.children.baseAddress.unsafelyUnwrapped)
    }

    /// Growing moves buffers: data and validity of the element and of the fields inside it.
    private static func refresh(_ node: UnsafeMutablePointer<ColumnNode>) {
        node.pointee.data = duckdb_vector_get_data(node.pointee.vector) ?? nowhere
        // Fetched again at the next NULL; "ensure" keeps the bits that are there.
        node.pointee.validity = nil
        guard node.pointee.shape == .structure, let first = node.pointee.children.baseAddress else { return }
        for index in 0..<node.pointee.children.count { refresh(first + index) }
    }

    /// Tells DuckDB how many elements the lists of the chunk have.
    static func publishListSizes(_ node: UnsafeMutablePointer<ColumnNode>) {
        if node.pointee.shape == .list {
            duckdb_list_vector_set_size(node.pointee.vector, idx_t(node.pointee.childCount))
        }
        guard let first = node.pointee.children.baseAddress else { return }
        for index in 0..<node.pointee.children.count { publishListSizes(first + index) }
    }
}
