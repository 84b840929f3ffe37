import TestSupport
import Testing

@testable import Primitives

@Suite("The comparison of secrets")
struct ConstantTimeTests {
    @Test("tells equal from unequal, whatever the lengths")
    func compares() {
        #expect(ConstantTime.equals("secret", "secret"))
        for other in ["", "secres", "aecret", "secre", "secretsecret", "secrets"] {
            #expect(!ConstantTime.equals(other, "secret"), "\(other)")
        }
    }

    @Test("lets nobody in where no key is set")
    func emptyEqualsNothing() {
        #expect(!ConstantTime.equals("", ""))
        #expect(!ConstantTime.equals("x", ""))
    }

    @Test("looks at every byte, wherever the first difference is")
    func looksAtAll() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<2_000 {
            let expected = (0..<Int.random(in: 1...64, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            // What a comparison that ends early would not know: the bits of all places.
            let flipped = expected.map { _ in
                Bool.random(using: &random) ? UInt8.random(in: 0...255, using: &random) : 0
            }
            let given = zip(expected, flipped).map { $0 ^ $1 }
            #expect(ConstantTime.difference(given, expected) == flipped.reduce(0, |))
            #expect(ConstantTime.equals(given, expected) == flipped.allSatisfy { $0 == 0 })
        }
    }

    @Test("tells one flipped bit at every place")
    func flippedBits() {
        let expected = Array("ses_in_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG".utf8)
        for place in expected.indices {
            for bit in 0..<8 {
                var given = expected
                given[place] ^= 1 << UInt8(bit)
                #expect(!ConstantTime.equals(given, expected))
            }
        }
        #expect(ConstantTime.equals(expected, expected))
    }
}
