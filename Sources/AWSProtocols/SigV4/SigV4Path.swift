/// How a service wants the path of a request signed.
public enum SigV4Dialect: Sendable {
    /// Most services: dot segments and double slashes removed, then encoded once more on top of the wire's encoding.
    case standard
    /// S3: the path as it is on the wire, for a key may hold `..` and `//`; the body's hash goes into a header.
    case s3
}

extension SigV4Dialect {
    /// The path to sign for a raw path of a request line.
    func canonicalPath(_ raw: String) -> String {
        let path = raw.isEmpty ? "/" : raw
        switch self {
        case .standard:
            return PercentEncoding.encode(SigV4Dialect.normalized(path).utf8, keepingSlashes: true)
        case .s3: return path
        }
    }

    /// The path without dot segments (RFC 3986 §5.2.4) and empty segments.
    static func normalized(_ path: String) -> String {
        var kept: [Substring.UTF8View] = []
        for segment in Substring(path).utf8.split(separator: UInt8(ascii: "/")) {
            if segment.elementsEqual(".".utf8) { continue }
            if segment.elementsEqual("..".utf8) { _ = kept.popLast() } else { kept.append(segment) }
        }
        let isFolder = path.utf8.last == UInt8(ascii: "/") && !kept.isEmpty
        return "/" + kept.map { String(Substring($0)) }.joined(separator: "/") + (isFolder ? "/" : "")
    }
}
