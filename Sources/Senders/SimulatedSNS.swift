import AWSProtocols
import Foundation
import Primitives

/// The keys and certificates of an SNS of our own, in a folder, so that a receiver's trust outlives a run.
///
/// `roots.pem` is what the receiver trusts (`sesame serve --sns-roots`), `certificate.pem` what is served to it, `signer.pem` the
/// private key of that, mode 0600. The root's key is thrown away when the certificate has been issued.
public struct SimulatedSNS: Sendable {
    /// The file that the receiver must trust.
    public let roots: String
    /// Signs messages.
    public let signer: SNSSigner

    /// Reads the folder, or makes it; its certificate is good for a year.
    ///
    /// - Throws: ``Failure`` of kind storage if it cannot be read or written.
    public init(folder: String) throws(Failure) {
        roots = "\(folder)/roots.pem"
        let (certificate, key) = ("\(folder)/certificate.pem", "\(folder)/signer.pem")
        do {
            if !FileManager.default.fileExists(atPath: roots) {
                try SimulatedSNS.make(folder, roots: roots, certificate: certificate, key: key)
            }
            signer = try SNSSigner(
                keyPEM: String(contentsOfFile: key, encoding: .utf8),
                certificatePEM: Array(Data(contentsOf: URL(filePath: certificate))))
        } catch {
            throw Failure(
                .storage,
                "cannot use '\(folder)' for the keys of the simulated SNS: \(error.localizedDescription)")
        }
    }

    /// The roots come last: where they are, the rest is.
    private static func make(_ folder: String, roots: String, certificate: String, key: String) throws {
        let start = Timestamp(microseconds: Timestamp.now.microseconds - 86_400_000_000)
        let authority = try SNSAuthority(now: start)
        let signer = try authority.signer(from: start)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard
            FileManager.default.createFile(
                atPath: key, contents: Data(signer.keyPEM.utf8), attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown) }
        try Data(signer.certificatePEM).write(to: URL(filePath: certificate), options: .atomic)
        try Data(authority.rootPEM.utf8).write(to: URL(filePath: roots), options: .atomic)
    }
}
