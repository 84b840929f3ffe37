import Scanning

/// An error as AWS's JSON services answer it: `{"__type":"ResourceNotFoundException","message":"…"}`.
///
/// SDKs act on the name: they repeat `ServiceUnavailableException` and `ThrottlingException`, and no others.
public struct AWSError: Error, Equatable, CustomStringConvertible {
    /// AWS's name, such as `ResourceNotFoundException`.
    public var name: String
    /// What happened and what to do.
    public var message: String
    /// The HTTP status: 400 but for the service's own failures.
    public var status: Int

    /// An error by its name; 400 unless said.
    public init(_ name: String, _ message: String, status: Int = 400) {
        self.name = name
        self.message = message
        self.status = status
    }

    /// The answer to a request whose signature was refused.
    public init(_ error: SigV4Error) {
        self.init(error.exceptionName, error.message)
    }

    /// The body, to be sent as ``AWSJSON/contentType``; Athena spells the second member `Message`.
    public func body(messageKey: String = "message") -> [UInt8] {
        var output = Array(#"{"__type":"#.utf8)
        JSONText.quote(name.utf8, into: &output)
        output.append(Ascii.comma)
        JSONText.quote(messageKey.utf8, into: &output)
        output.append(Ascii.colon)
        JSONText.quote(message.utf8, into: &output)
        output.append(Ascii.closeBrace)
        return output
    }

    /// Name and message.
    public var description: String { "\(name): \(message)" }

    /// The body could not be read.
    static func serialization(_ message: String) -> AWSError { AWSError("SerializationException", message) }

    /// A member breaks a rule of its shape; in the words of AWS's validator.
    static func validation(_ member: String, _ constraint: String) -> AWSError {
        AWSError(
            "ValidationException",
            "1 validation error detected: Value at '\(member)' failed to satisfy constraint: \(constraint)")
    }
}
