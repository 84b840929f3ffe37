/// A column of a Parquet file: its name and what it holds. Every value may be null.
public struct ColumnDeclaration: Equatable, Sendable {
    /// What a column holds.
    public enum Shape: Equatable, Sendable {
        /// UTF-8 text.
        case text
        /// A 64-bit whole number.
        case integer
        /// An instant: microseconds since the Unix epoch, UTC.
        case timestamp
        /// True or false.
        case boolean
        /// A list of texts.
        case textList
        /// A map from text to a list of texts.
        case textListMap
        /// A list of structures of the named text fields.
        case structureList([String])
    }

    /// The column's name.
    public let name: String
    /// What it holds.
    public let shape: Shape

    /// Whether whole texts are looked for in it: each of its chunks has a Bloom filter then. For columns of plain text.
    public let isLookedUp: Bool

    /// A column.
    public init(_ name: String, _ shape: Shape, isLookedUp: Bool = false) {
        self.name = name
        self.shape = shape
        self.isLookedUp = isLookedUp
    }
}
