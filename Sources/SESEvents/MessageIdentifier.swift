import Primitives

/// What SES's message ids tell.
public enum MessageIdentifier {
    /// The send time in an id of SES: `01`, a byte for the region, then 12 hex digits of milliseconds.
    ///
    /// Nil where the id has another form, as test data has, or gives a time at which SES was not there.
    public static func sentAt(_ text: String) -> Timestamp? {
        let head = text.prefix(16)
        guard head.count == 16, head.hasPrefix("010"), let milliseconds = Int64(head.dropFirst(4), radix: 16),
            text.count == 16 || text.dropFirst(16).hasPrefix("-")
        else { return nil }
        // SES opened in 2011; what lies beyond 2100 is no time.
        guard (1_293_840_000_000...4_102_444_800_000).contains(milliseconds) else { return nil }
        return Timestamp(microseconds: milliseconds * 1_000)
    }
}
