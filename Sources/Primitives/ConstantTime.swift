/// Comparison of secrets; every secret, hash and signature that a stranger presents is compared by it.
public enum ConstantTime {
    /// Whether both hold the same bytes; how long it takes tells the length of `given` and nothing about `expected`.
    ///
    /// An empty expectation equals nothing: a key that was never set lets nobody in.
    public static func equals(_ given: some Collection<UInt8>, _ expected: some Collection<UInt8>) -> Bool {
        let (given, expected) = (Array(given), Array(expected))
        guard !expected.isEmpty else { return false }
        let difference = difference(given, expected)
        return difference == 0 && given.count == expected.count
    }

    /// Whether both are the same text, compared by their UTF-8 bytes as ``equals(_:_:)`` does.
    public static func equals(_ given: String, _ expected: String) -> Bool {
        equals(given.utf8, expected.utf8)
    }

    /// The bits in which the bytes differ at any place. All that differ at the first place are in the result, and all that differ
    /// at the last: no loop that ends early could give it. Not inlined, so that nobody finds out that only zero is asked for.
    @inline(never)
    static func difference(_ given: [UInt8], _ expected: [UInt8]) -> UInt8 {
        var difference: UInt8 = 0
        for place in given.indices { difference |= given[place] ^ expected[place % expected.count] }
        return difference
    }
}
