import Crypto
import Foundation
import Primitives

/// A random secret in plain text, which its maker shows once.
///
///     ses_in_3kQ9…43 characters…Zb0a1B2
///     └─┬──┘ └────────┬─────────┘└─┬──┘
///     prefix  256 bits, base 62   CRC-32 of all before it, base 62
///
/// The prefix lets scanners recognise a leaked one, and the checksum lets them, and us, tell it from a look-alike without
/// asking the database.
public struct Secret: Sendable {
    /// What a secret opens.
    public enum Kind: String, CaseIterable, Sendable {
        /// A source: access key, API key, bearer token or password of whoever delivers events.
        case ingest = "ses_in_"
        /// A source that signs its requests with SigV4.
        case signing = "ses_sk_"
        /// The API.
        case api = "ses_tk_"
        /// The making of the first user.
        case setup = "ses_su_"
        /// A session of the web page.
        case session = "ses_se_"
        /// One page, read-only.
        case share = "ses_sh_"
    }

    /// The plain text. Show it once; log it never.
    public let text: String

    /// A new secret from the system's random source.
    public static func generate(_ kind: Kind) -> Secret {
        var random = SystemRandomNumberGenerator()
        // 62^43 > 2^256.
        let body = (0..<43).map { _ in alphabet[Int.random(in: 0..<62, using: &random)] }
        let text = kind.rawValue + String(decoding: body, as: UTF8.self)
        return Secret(text: text + checksum(text))
    }

    /// Whether `text` has the form, the kind and the checksum of a secret. Says nothing of whether it is known.
    public static func isWellFormed(_ text: String, _ kind: Kind) -> Bool {
        guard text.utf8.count == kind.rawValue.utf8.count + 49, text.hasPrefix(kind.rawValue) else {
            return false
        }
        let body = text.utf8.dropLast(6)
        return body.dropFirst(7).allSatisfy(alphabet.contains)
            && checksum(String(decoding: body, as: UTF8.self)) == text.suffix(6)
    }

    /// What is kept of it.
    public var hash: SecretHash { SecretHash(of: text) }

    static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    private static func checksum(_ text: String) -> String {
        var rest = Int(CRC32.checksum(text.utf8))
        var digits: [UInt8] = []
        for _ in 0..<6 {
            digits.insert(alphabet[rest % 62], at: 0)
            rest /= 62
        }
        return String(decoding: digits, as: UTF8.self)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The prefix only, so that a log line or a failed assertion gives nothing away.
    public var description: String { text.prefix(7) + "…" }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// Nothing: `dump` would show the text.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What is kept of a secret that need only be recognised: SHA-256.
///
/// One round without salt suffices because the secrets are 256 random bits: nobody can guess through them, and no two are
/// equal. Passwords, which people choose, are hashed by ``PasswordHasher``.
public struct SecretHash: Hashable, Sendable {
    let bytes: [UInt8]

    /// The hash of a text's UTF-8.
    public init(of text: String) { bytes = Array(SHA256.hash(data: Array(text.utf8))) }

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The bytes as the database keeps them.
    var data: Data { Data(bytes) }

    /// Whether `text` is the secret, in a time that does not tell how far it agrees.
    public func matches(_ text: String) -> Bool {
        ConstantTime.equals(SecretHash(of: text).bytes, bytes)
    }
}

/// The CRC-32 of IEEE 802.3, as gzip and PNG use it.
enum CRC32 {
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var value = UInt32.max
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = (value >> 1) ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~value
    }
}
