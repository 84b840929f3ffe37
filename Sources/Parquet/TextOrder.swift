#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The order of texts in Parquet's bounds: by their bytes, unsigned.
public enum TextOrder {
    /// Whether `left` comes before `right`.
    public static func precedes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>)
        -> Bool
    {
        let shared = min(left.count, right.count)
        guard shared > 0, let leftBase = left.baseAddress, let rightBase = right.baseAddress else {
            return left.count < right.count
        }
        let order = memcmp(leftBase, rightBase, shared)
        return order != 0 ? order < 0 : left.count < right.count
    }
}
