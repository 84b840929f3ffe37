/// A URL on SNS's own host in a topic's region; nothing else can be made into one, so what fetches it needs no checks.
///
/// No address is looked at: the host is a name of AWS's, and inside a VPC with an endpoint for SNS it rightly resolves to
/// a private address. The fetch must follow no redirect.
public struct SNSServiceURL: Sendable, Hashable, CustomStringConvertible {
    /// The URL.
    public let text: String
    /// The host, `sns.eu-west-1.amazonaws.com`.
    public let host: String
    /// The path, `/` if there is none.
    public let path: String
    /// What stands behind the `?`, if anything does.
    public let query: String?

    /// The URL.
    public var description: String { text }

    /// Takes a URL apart by hand: parsers differ on odd ones, and the one that fetches must read what was checked here.
    ///
    /// - Throws: a sentence about what is wrong with it.
    init(_ url: String, of topic: SNSTopic) throws(Fault) {
        let scheme = "https://"
        guard url.utf8.count <= 4_096, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x5c }) else {
            throw Fault("is not a plain URL")
        }
        guard url.hasPrefix(scheme) else { throw Fault("is not https") }
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@") else { throw Fault("carries a user name") }
        guard !authority.contains(":") else { throw Fault("names a port") }
        guard SNSServiceURL.isServiceHost(authority) else { throw Fault("is not on a host of SNS") }
        guard authority == "sns.\(topic.region).\(topic.domain)" else {
            throw Fault("is not in the topic's region, \(topic.region)")
        }
        let tail = rest.dropFirst(authority.count)
        guard !tail.contains("#") else { throw Fault("has a fragment") }
        let pieces = tail.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        text = url
        host = String(authority)
        path = pieces.first.map { $0.isEmpty ? "/" : String($0) } ?? "/"
        query = pieces.count > 1 ? String(pieces[1]) : nil
    }

    /// What is wrong with a URL, to stand behind its name.
    struct Fault: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    /// `^sns\.[a-zA-Z0-9\-]{3,}\.amazonaws\.com(\.cn)?$`, the pattern of AWS's own validators.
    private static func isServiceHost(_ host: Substring) -> Bool {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count == 4 || labels.count == 5 && labels[4] == "cn" else { return false }
        return labels[0] == "sns" && labels[2] == "amazonaws" && labels[3] == "com"
            && labels[1].utf8.count >= 3
            && labels[1].utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"): true
                default: false
                }
            }
    }
}
