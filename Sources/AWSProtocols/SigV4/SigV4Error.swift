/// Why a signed request was refused: AWS's name for it, which SDKs act on, and a sentence.
public struct SigV4Error: Error, Equatable, CustomStringConvertible {
    /// AWS's names, without the `Exception` that JSON services put behind.
    public enum Code: String, Sendable, CaseIterable {
        /// Nothing is signed.
        case missingAuthenticationToken = "MissingAuthenticationToken"
        /// The signature's parts are missing, doubled or malformed.
        case incompleteSignature = "IncompleteSignature"
        /// Nobody has this key.
        case unrecognizedClient = "UnrecognizedClient"
        /// The signature is another's, too old, or covers too little.
        case invalidSignature = "InvalidSignature"
    }

    /// AWS's name for it.
    public var code: Code
    /// What happened and what to do, in AWS's words where there are some.
    public var message: String

    /// An error with its sentence.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The name in the body of a JSON service's answer, such as `InvalidSignatureException`.
    public var exceptionName: String { code.rawValue + "Exception" }

    /// The name that S3 and services with a query protocol use.
    public var queryProtocolName: String {
        switch code {
        case .invalidSignature: "SignatureDoesNotMatch"
        case .unrecognizedClient: "InvalidClientTokenId"
        case .missingAuthenticationToken, .incompleteSignature: code.rawValue
        }
    }

    /// Name and sentence.
    public var description: String { "\(exceptionName): \(message)" }

    /// As much of a sender's own text as an answer may repeat.
    static func quoted(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(100).map {
            $0.isASCII && $0.value >= 0x20 ? Character($0) : "?"
        }
        return "'\(String(shown))'"
    }
}
