import Scanning
import Testing

@Suite("SipHash-2-4-128")
struct SipHashTests {
    private let hash = SipHash(key: Array(0..<16))

    @Test("agrees with the reference's vectors")
    func vectors() throws {
        let hash = try #require(hash)
        #expect(SipHash.hex(hash.digest([])) == "a3817f04ba25a8e66df67214c7550293")
        #expect(SipHash.hex(hash.digest([0])) == "da87c1d86b99af44347659119b22fc45")
    }

    @Test("agrees with OpenSSL on longer texts")
    func openSSL() throws {
        // printf %s TEXT | openssl mac -macopt hexkey:000102030405060708090a0b0c0d0e0f -macopt size:16 SIPHASH
        let hash = try #require(hash)
        #expect(SipHash.hex(hash.digest(Array("ann@example.com".utf8))) == "1e27bdf2227317f8c07d74a536fe3f37")
        #expect(
            SipHash.hex(hash.digest(Array("erasure".utf8) + [UInt8](repeating: 120, count: 57)))
                == "fca37b7616ffc6f029c2e0b169fa796f")
    }

    @Test("its digits give the number back")
    func digits() throws {
        let number = try #require(hash).digest([1, 2, 3])
        #expect(SipHash.number(hex: SipHash.hex(number)) == number)
        #expect(SipHash.number(hex: "12") == nil)
    }
}
