import AWSProtocols
import Primitives

/// Where requests go, and what opens the door there.
public struct Destination: Sendable {
    /// How the events travel.
    public var road: Road
    /// The whole URL of the endpoint.
    public var url: String
    /// The bearer token, access key or API key; for ``Road/firehoseAPI`` the secret access key; for ``Road/sns`` nothing.
    public var secret: String
    /// Names the signer of ``Road/firehoseAPI``.
    public var accessKeyID: String
    /// The stream of ``Road/firehose`` and ``Road/firehoseAPI``.
    public var stream: String
    /// The topic of ``Road/sns``.
    public var topic: SNSTopic?

    /// A destination.
    public init(
        road: Road, url: String, secret: String = "", accessKeyID: String = "", stream: String = "ses-events",
        topic: SNSTopic? = nil
    ) {
        (self.road, self.url, self.secret) = (road, url, secret)
        (self.accessKeyID, self.stream, self.topic) = (accessKeyID, stream, topic)
    }

    /// The `Host` header and the path of ``url``.
    var parts: (host: String, path: String) {
        let rest = url.components("://").last ?? url
        guard let slash = rest.firstIndex(of: "/") else { return (rest, "/") }
        return (String(rest[..<slash]), String(rest[slash...]))
    }
}

extension String {
    /// The pieces around `separator`, at most two.
    fileprivate func components(_ separator: String) -> [String] {
        guard let range = firstRange(of: separator) else { return [self] }
        return [String(self[..<range.lowerBound]), String(self[range.upperBound...])]
    }
}
