#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A block of IP addresses in CIDR notation, such as `10.0.0.0/8`, `2001:db8::/32` or a single address.
public struct AddressBlock: Hashable, Sendable {
    private let network: [UInt8]
    private let prefixLength: Int

    /// The block that `text` names; nil if it names none, or has bits set behind the prefix.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let network = AddressBlock.bytes(of: String(parts[0])) else { return nil }
        self.network = network
        if parts.count == 2 {
            guard let length = Int(parts[1]), (0...network.count * 8).contains(length) else { return nil }
            prefixLength = length
        } else {
            prefixLength = network.count * 8
        }
        let isClean = (prefixLength..<network.count * 8).allSatisfy { bit in
            network[bit / 8] & (0x80 >> UInt8(bit % 8)) == 0
        }
        guard isClean else { return nil }
    }

    /// Whether an address lies in the block; false for what is no address.
    public func contains(_ address: String) -> Bool {
        guard let bytes = AddressBlock.bytes(of: address), bytes.count == network.count else { return false }
        return (0..<prefixLength).allSatisfy { bit in
            (bytes[bit / 8] ^ network[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }

    /// Whether a host names this machine and nothing else.
    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || loopback.contains { $0.contains(host) }
    }

    /// An address as it is written shortest; nil if it is none. An IPv4 address in IPv6's clothes becomes IPv4.
    static func normalized(_ address: String) -> String? {
        guard let bytes = bytes(of: address) else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static let loopback = ["127.0.0.0/8", "::1"].compactMap(AddressBlock.init)

    private static func bytes(of address: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, address, &bytes) == 1 { return Array(bytes[..<4]) }
        guard inet_pton(AF_INET6, address, &bytes) == 1 else { return nil }
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
        return isMapped ? Array(bytes[12...]) : bytes
    }
}
