import Crypto
import CryptoExtras
import Foundation
import Primitives
import SwiftASN1
@_spi(FixedExpiryValidationTime) import X509

/// The certificates that a chain may end at, and those between; Amazon's, for SNS posts its own alone.
public struct SNSTrust: Sendable {
    let roots: CertificateStore
    let intermediates: CertificateStore

    /// Trust in the certificates of two PEM texts.
    public init(rootsPEM: String, intermediatesPEM: String = "") throws(SNSRefusal) {
        do {
            roots = CertificateStore(try SNSTrust.certificates(rootsPEM))
            intermediates = CertificateStore(try SNSTrust.certificates(intermediatesPEM))
        } catch {
            throw SNSRefusal(.certificate, "the certificates to trust cannot be read: \(error)")
        }
    }

    static func certificates(_ pem: String) throws -> [Certificate] {
        try PEMDocument.parseMultiple(pemString: pem).map { try Certificate(pemDocument: $0) }
    }
}

/// A certificate of SNS: its key, and when it is good.
struct SNSCertificate: Sendable {
    let key: _RSA.Signing.PublicKey
    let validFrom: Timestamp
    let validUntil: Timestamp
    let names: Set<String>

    /// Reads and checks what was fetched; the first certificate is the one, those behind it may be of its chain.
    init(pem: [UInt8], trust: SNSTrust?, now: Timestamp) async throws(SNSRefusal) {
        guard let certificates = try? SNSTrust.certificates(String(decoding: pem, as: UTF8.self)),
            let leaf = certificates.first
        else { throw SNSRefusal(.certificate, "SigningCertURL gave no certificate") }
        guard let key = _RSA.Signing.PublicKey(leaf.publicKey), key.keySizeInBits >= 2_048 else {
            throw SNSRefusal(
                .certificate, "the certificate at SigningCertURL has no RSA key of 2048 bits or more")
        }
        self.key = key
        validFrom = Timestamp(leaf.notValidBefore)
        validUntil = Timestamp(leaf.notValidAfter)
        names = SNSCertificate.names(of: leaf)
        guard let trust else { return }
        var verifier = Verifier(rootCertificates: trust.roots) {
            RFC5280Policy(fixedExpiryValidationTime: now.date)
            CheckedElsewhere()
        }
        let result = await verifier.validate(
            leaf: leaf, intermediates: trust.intermediates.appending(contentsOf: certificates.dropFirst()))
        if case .couldNotValidate = result {
            throw SNSRefusal(
                .certificate,
                "the certificate at SigningCertURL has no chain to a trusted root that is good now")
        }
    }

    /// Checks what may change between two messages: the clock and the topic.
    func check(for topic: SNSTopic, now: Timestamp) throws(SNSRefusal) {
        guard validFrom <= now, now <= validUntil else {
            throw SNSRefusal(
                .certificate,
                "the certificate at SigningCertURL is good from \(validFrom) to \(validUntil), not now")
        }
        guard !names.isDisjoint(with: SNSCertificateRules.names(for: topic)) else {
            throw SNSRefusal(
                .certificate, "the certificate at SigningCertURL is not issued to sns.amazonaws.com")
        }
    }

    private static func names(of certificate: Certificate) -> Set<String> {
        if let alternatives = try? certificate.extensions.subjectAlternativeNames {
            return Set(
                alternatives.compactMap { if case .dnsName(let name) = $0 { name.lowercased() } else { nil } }
            )
        }
        return Set(
            certificate.subject.flatMap { $0 }.filter { $0.type == .RDNAttributeType.commonName }
                .map { String(describing: $0.value).lowercased() })
    }

    /// Takes the critical extensions that ``check(for:now:)`` looks at, or that restrict TLS only.
    private struct CheckedElsewhere: VerifierPolicy {
        let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
            .X509ExtensionID.subjectAlternativeName, .X509ExtensionID.extendedKeyUsage,
        ]

        func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) -> PolicyEvaluationResult {
            .meetsPolicy
        }
    }
}

extension SNSCertificate {
    /// Whether `message` was signed with this certificate's key: RSA, PKCS #1 v1.5, over SHA-1 or SHA-256.
    func hasSigned(_ message: SNSMessage) -> Bool {
        let signature = _RSA.Signing.RSASignature(rawRepresentation: message.signature)
        let text = Data(message.stringToSign)
        switch message.signatureVersion {
        case .sha1:
            return key.isValidSignature(
                signature, for: Insecure.SHA1.hash(data: text), padding: .insecurePKCS1v1_5)
        case .sha256:
            return key.isValidSignature(signature, for: SHA256.hash(data: text), padding: .insecurePKCS1v1_5)
        }
    }
}

extension Timestamp {
    init(_ date: Date) {
        self.init(microseconds: Int64((date.timeIntervalSince1970 * 1_000_000).rounded()))
    }

    var date: Date { Date(timeIntervalSince1970: Double(microseconds) / 1_000_000) }
}
