/// What stands in the place of an address that was made anonymous: `h:<16 hexadecimal digits>@<the address's domain>`.
///
/// The digits are half of the address's keyed hash. So the same person has the same one in every event, unique counts and
/// counts by domain stay, and who does not hold the key cannot try addresses out.
public enum Pseudonym {
    private static let prefix = Array("h:".utf8)
    private static let digits = 16

    /// The pseudonym of an address in lower case.
    public static func of(_ address: [UInt8], under hash: SipHash) -> [UInt8] {
        let digest = SipHash.hex(hash.digest(Array("pseudonym ".utf8) + address)).prefix(digits)
        let sign = address.lastIndex(of: UInt8(ascii: "@")) ?? address.endIndex
        return prefix + digest.utf8 + address[sign...]
    }

    /// The pseudonym of an address in lower case.
    public static func of(_ address: String, under hash: SipHash) -> String {
        String(decoding: of(Array(address.utf8), under: hash), as: UTF8.self)
    }

    /// Whether a text in lower case is a pseudonym, or the token of somebody who was erased.
    static func standsForSomebody(_ address: [UInt8]) -> Bool {
        guard let sign = address.lastIndex(of: UInt8(ascii: "@")) else { return false }
        if address[(sign + 1)...].elementsEqual(AddressScrubber.erasedDomain.utf8) { return true }
        return sign == prefix.count + digits && address.starts(with: prefix)
            && address[prefix.count..<sign].allSatisfy {
                (48...57).contains($0) || (97...102).contains($0)
            }
    }

    /// Whether the domain is one of SES's own.
    static func isOfSES(_ address: [UInt8]) -> Bool {
        address.ends(with: ".amazonses.com") || address.ends(with: "@amazonses.com")
    }
}

extension [UInt8] {
    fileprivate func ends(with text: StaticString) -> Bool {
        suffix(text.utf8CodeUnitCount).elementsEqual(
            UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
