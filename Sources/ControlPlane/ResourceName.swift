import Primitives

/// The rule for names of workspaces and sources: `[a-z0-9][a-z0-9_-]{0,62}`.
///
/// They become folders and parts of URLs. Since no dot, slash or percent sign is allowed, no name leads elsewhere.
public enum ResourceName {
    /// Whether `name` keeps the rule.
    public static func isValid(_ name: String) -> Bool {
        let bytes = name.utf8
        guard let first = bytes.first, bytes.count <= 63, isAlphanumeric(first) else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
    }

    /// Stops a name that breaks the rule.
    ///
    /// - Throws: ``Failure`` of kind usage, which tells the rule.
    public static func check(_ name: String, of thing: String) throws(Failure) {
        guard isValid(name) else {
            throw Failure(
                .usage,
                "'\(name)' cannot be the name of a \(thing): take a to z, 0 to 9, - and _, up to 63, "
                    + "a letter or digit first")
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
