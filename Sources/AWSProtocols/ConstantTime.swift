/// Comparison of secrets.
public enum ConstantTime {
    /// Whether both hold the same bytes; how long it takes tells the length of `given` and nothing about `expected`.
    ///
    /// An empty expectation equals nothing: a key that was never set lets nobody in.
    @inline(never)
    public static func equals(_ given: some Collection<UInt8>, _ expected: some Collection<UInt8>) -> Bool {
        let given = Array(given)
        let expected = Array(expected)
        guard !expected.isEmpty else { return false }
        var difference = given.count ^ expected.count
        for place in given.indices {
            difference |= Int(given[place] ^ expected[place % expected.count])
        }
        return difference == 0
    }

    /// Whether both are the same text, compared by their UTF-8 bytes as ``equals(_:_:)`` does.
    public static func equals(_ given: String, _ expected: String) -> Bool {
        equals(given.utf8, expected.utf8)
    }
}
