import Crypto
import CryptoExtras
import Foundation
import Primitives
import SwiftASN1
import X509

/// A certificate authority of our own that issues certificates like SNS's, for the simulator and for tests.
///
/// Nobody trusts it unless its root is configured as ``SNSTrust``.
public struct SNSAuthority: Sendable {
    private let key: Certificate.PrivateKey
    private let certificate: Certificate
    /// The root certificate.
    public let rootPEM: String

    /// A new authority, good from a day before `now` for ten years.
    public init(now: Timestamp) throws {
        key = Certificate.PrivateKey(try _RSA.Signing.PrivateKey(keySize: .bits2048))
        let name = try DistinguishedName { CommonName("Sesame simulation of SNS: not Amazon") }
        certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
            notValidBefore: now.adding(seconds: -86_400).date,
            notValidAfter: now.adding(seconds: 315_360_000).date,
            issuer: name, subject: name, signatureAlgorithm: .sha256WithRSAEncryption,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true))
            }, issuerPrivateKey: key)
        rootPEM = try certificate.serializeAsPEM().pemString
    }

    /// A signer with a new certificate for `name`, good from `start` for `seconds`.
    public func signer(
        name: String = "sns.amazonaws.com", from start: Timestamp, seconds: Int = 31_536_000
    ) throws -> SNSSigner {
        let leafKey = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let leaf = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(),
            publicKey: Certificate.PublicKey(leafKey.publicKey),
            notValidBefore: start.date, notValidAfter: start.adding(seconds: seconds).date,
            issuer: certificate.subject, subject: try DistinguishedName { CommonName(name) },
            signatureAlgorithm: .sha256WithRSAEncryption,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                SubjectAlternativeNames([.dnsName(name)])
            }, issuerPrivateKey: key)
        return SNSSigner(key: leafKey, certificatePEM: Array(try leaf.serializeAsPEM().pemString.utf8))
    }
}

/// Signs messages as SNS does.
public struct SNSSigner: Sendable {
    private let key: _RSA.Signing.PrivateKey
    /// The certificate, as it is to be served at ``certificateURL(for:)``.
    public let certificatePEM: [UInt8]

    init(key: _RSA.Signing.PrivateKey, certificatePEM: [UInt8]) {
        self.key = key
        self.certificatePEM = certificatePEM
    }

    /// A signer that was kept: its private key and its certificate, both PEM.
    ///
    /// - Throws: an error of the cryptographic library if the key cannot be read.
    public init(keyPEM: String, certificatePEM: [UInt8]) throws {
        self.init(key: try _RSA.Signing.PrivateKey(pemRepresentation: keyPEM), certificatePEM: certificatePEM)
    }

    /// The private key, to be kept where nobody else reads it.
    public var keyPEM: String { key.pemRepresentation }

    /// Where messages of a topic say that the certificate is.
    public func certificateURL(for topic: SNSTopic) -> String {
        "https://sns.\(topic.region).\(topic.domain)/SimpleNotificationService-00000000000000000000000000000000.pem"
    }

    /// The message, signed; its certificate's URL is the topic's unless it has one already.
    public func sign(_ message: SNSMessage, version: SNSMessage.SignatureVersion = .sha256) throws
        -> SNSMessage
    {
        var signed = message
        signed.signatureVersion = version
        if signed.signingCertURL.isEmpty { signed.signingCertURL = certificateURL(for: message.topic) }
        let text = Data(signed.stringToSign)
        let signature =
            switch version {
            case .sha1: try key.signature(for: Insecure.SHA1.hash(data: text), padding: .insecurePKCS1v1_5)
            case .sha256: try key.signature(for: SHA256.hash(data: text), padding: .insecurePKCS1v1_5)
            }
        signed.signature = Array(signature.rawRepresentation)
        return signed
    }
}
