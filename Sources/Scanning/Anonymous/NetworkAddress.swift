#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The network that an IP address is in: the first 24 bits of version 4, the first 48 of version 6.
///
/// It tells country and provider, and nobody in particular.
enum NetworkAddress {
    /// The address with the rest set to zero; nil where the text is no address, or is so already.
    static func truncated(_ text: [UInt8]) -> [UInt8]? {
        var name = text[...]
        if name.first == UInt8(ascii: "["), let close = name.lastIndex(of: UInt8(ascii: "]")) {
            name = name[1..<close]
        } else if name.count(where: { $0 == UInt8(ascii: ":") }) == 1 {
            // A port.
            name = name.prefix { $0 != UInt8(ascii: ":") }
        }
        let address = String(decoding: name, as: UTF8.self)
        guard let network = version4(address) ?? version6(address) else { return nil }
        return Array(network.utf8) == text ? nil : Array(network.utf8)
    }

    private static func version4(_ text: String) -> String? {
        var address = in_addr()
        guard inet_pton(AF_INET, text, &address) == 1 else { return nil }
        address.s_addr = (UInt32(bigEndian: address.s_addr) & 0xffff_ff00).bigEndian
        return self.text(AF_INET, &address)
    }

    private static func version6(_ text: String) -> String? {
        var address = in6_addr()
        guard inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        withUnsafeMutableBytes(of: &address) { bytes in
            let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
            for place in (isMapped ? 15 : 6)..<16 { bytes[place] = 0 }
        }
        return self.text(AF_INET6, &address)
    }

    private static func text(_ family: Int32, _ address: UnsafeRawPointer) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            inet_ntop(family, address, buffer.baseAddress, 64).map { String(cString: $0) }
        }
    }
}
