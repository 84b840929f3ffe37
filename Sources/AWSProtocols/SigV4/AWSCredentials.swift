/// A key with which requests are signed.
public struct AWSCredentials: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The public half, `AKIA…`.
    public var accessKeyID: String
    /// The secret half.
    public var secretAccessKey: String
    /// The token that goes with temporary keys.
    public var sessionToken: String?

    /// A key pair, with its token if it is a temporary one.
    public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }

    /// The public half: secrets stay out of logs.
    public var description: String { "AWS key \(accessKeyID)" }
    /// The public half.
    public var debugDescription: String { description }
}
