import Primitives

/// Where a service is: scheme and authority of its URL.
public struct AWSEndpoint: Sendable, Equatable, CustomStringConvertible {
    /// `https`, or `http` for servers of one's own.
    public let scheme: String
    /// Host and, unless it is the scheme's own, port; what `Host` says and the signature covers.
    public let authority: String

    /// The endpoint of a URL, whose path counts for nothing.
    ///
    /// - Throws: ``Failure`` of kind usage.
    public init(url: String) throws(Failure) {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0] == "https:" || parts[0] == "http:", parts[1].isEmpty,
            !parts[2].isEmpty, !parts[2].contains("@")
        else { throw Failure(.usage, "'\(url)' is no URL such as https://s3.example.com") }
        scheme = String(parts[0].dropLast())
        let ownPort = scheme == "https" ? ":443" : ":80"
        authority = parts[2].hasSuffix(ownPort) ? String(parts[2].dropLast(ownPort.count)) : String(parts[2])
    }

    /// AWS's own endpoint of a service in a region, such as `s3.eu-west-1.amazonaws.com`.
    public init(service: String, region: String) {
        scheme = "https"
        authority = "\(service).\(region).\(AWSPartition(region: region).domain)"
    }

    /// What the variables that AWS's own tools read say of a service: `AWS_ENDPOINT_URL_S3`, else `AWS_ENDPOINT_URL`.
    ///
    /// - Throws: ``Failure`` of kind usage if it is no URL.
    public static func named(in environment: [String: String], service: String) throws(Failure)
        -> AWSEndpoint?
    {
        let names = ["AWS_ENDPOINT_URL_\(service.uppercased())", "AWS_ENDPOINT_URL"]
        guard let url = names.lazy.compactMap({ environment[$0] }).first(where: { !$0.isEmpty }) else {
            return nil
        }
        return try AWSEndpoint(url: url)
    }

    /// The URL without a path.
    public var description: String { "\(scheme)://\(authority)" }

    /// Host of `authority`, without a port.
    var host: String {
        authority.hasPrefix("[")
            ? String(authority.prefix { $0 != "]" }) : String(authority.prefix { $0 != ":" })
    }
}

/// One of AWS's separate worlds, which have domains and ARNs of their own.
struct AWSPartition {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    let name: String
    /// What host names end in.
    let domain: String

    init(region: String) {
        name = region.hasPrefix("cn-") ? "aws-cn" : region.hasPrefix("us-gov-") ? "aws-us-gov" : "aws"
        domain = name == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"
    }
}
