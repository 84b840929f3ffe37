import AWSProtocols
import Primitives
import Testing

@Suite("A message from SNS")
struct SNSVerifierTests {
    /// What openssl made: its chain, and a message signed with it.
    private func verifyVector(
        version: String, trust: SNSTrust, pem: [UInt8]
    ) async throws -> SNSDelivery {
        let certificates = SNSCertificates(trust: trust) { _ in pem }
        let rules = SNSRules(topics: [SNSWorld.arn], signatureVersions: [.sha1, .sha256])
        return try await SNSVerifier(rules, certificates: certificates)
            .verify(fixture("sns-v\(version).json"), now: .at("2027-01-01T12:30:00Z"))
    }

    private func pem(_ name: String) throws -> String {
        String(decoding: try fixture("sns-\(name).pem"), as: UTF8.self)
    }

    @Test("that openssl signed is taken, in both versions", arguments: ["1", "2"])
    func opensslVectors(version: String) async throws {
        let trust = try SNSTrust(rootsPEM: pem("root"), intermediatesPEM: pem("intermediate"))
        let delivery = try await verifyVector(version: version, trust: trust, pem: fixture("sns-leaf.pem"))
        let text =
            "{\"eventType\":\"Send\",\"mail\":{\"subject\":\"Grüße \\\"quoted\\\" / 日本\"}}\nsecond line\ttab"
        #expect(
            delivery
                == .notification(
                    id: "22b80b92-0000-4000-8000-000000000001", topic: try SNSWorld.topic(),
                    timestamp: .at("2027-01-01T12:00:00.321Z"), message: Array(text.utf8)))
    }

    @Test("needs a whole chain to a trusted root; what lies between may come with the certificate")
    func chains() async throws {
        let rootOnly = try SNSTrust(rootsPEM: pem("root"))
        await #expect(throws: SNSRefusal.self) {
            try await verifyVector(version: "2", trust: rootOnly, pem: fixture("sns-leaf.pem"))
        }
        let both = Array((try pem("leaf") + pem("intermediate")).utf8)
        _ = try await verifyVector(version: "2", trust: rootOnly, pem: both)
        let otherRoot = try SNSTrust(
            rootsPEM: SNSWorld.shared.get().authority.rootPEM, intermediatesPEM: pem("intermediate"))
        await #expect(throws: SNSRefusal.self) {
            try await verifyVector(version: "2", trust: otherRoot, pem: both)
        }
    }

    @Test("that our own signer signed is taken, with a chain and without")
    func ownSigner() async throws {
        let world = try SNSWorld.shared.get()
        for trust in [world.trust, nil] {
            for subject in ["A subject", nil] {
                let message = try world.signer.sign(SNSWorld.message(subject: subject))
                #expect(await refusal(world.verifier(trust: trust), message) == nil)
            }
        }
    }

    @Test("that confirms or ends a subscription says which topic and where to answer")
    func confirmations() async throws {
        let world = try SNSWorld.shared.get()
        let verifier = world.verifier(trust: world.trust)
        let asked = try await verifier.verify(world.signer.sign(SNSWorld.confirmation()), now: SNSWorld.now)
        guard case .subscriptionConfirmation(let topic, let url) = asked else {
            Issue.record("\(asked)")
            return
        }
        #expect(topic.arn == SNSWorld.arn && url.text.contains("Token=t0ken"))
        let ended = try await verifier.verify(
            world.signer.sign(SNSWorld.confirmation(.unsubscribeConfirmation)), now: SNSWorld.now)
        guard case .unsubscribeConfirmation(let left, _) = ended else {
            Issue.record("\(ended)")
            return
        }
        #expect(left.account == "123456789012")
    }

    @Test("signed with SHA-1 is taken only where that is allowed")
    func version1() async throws {
        let world = try SNSWorld.shared.get()
        let message = try world.signer.sign(SNSWorld.message(), version: .sha1)
        #expect(await refusal(world.verifier(trust: nil), message) == .signatureVersion)
        let rules = SNSRules(topics: [SNSWorld.arn], signatureVersions: [.sha1])
        #expect(await refusal(world.verifier(rules, trust: nil), message) == nil)
        var relabelled = message
        relabelled.signatureVersion = .sha256
        #expect(await refusal(world.verifier(trust: nil), relabelled) == .signature)
    }

    @Test("from China or an opted-in region has a certificate with another name")
    func regionalNames() async throws {
        let world = try SNSWorld.shared.get()
        for (arn, name) in [
            ("arn:aws-cn:sns:cn-north-1:123456789012:t", "sns-cn-north-1.amazonaws.com.cn"),
            ("arn:aws-us-gov:sns:us-gov-east-1:123456789012:t", "sns-us-gov-west-1.amazonaws.com"),
            ("arn:aws:sns:af-south-1:123456789012:t", "sns-signing.af-south-1.amazonaws.com"),
        ] {
            let signer = try world.authority.signer(name: name, from: SNSWorld.now)
            let message = try signer.sign(SNSWorld.message(arn: arn))
            let verifier = world.verifier(
                SNSRules(topics: [arn]), trust: world.trust, pem: signer.certificatePEM)
            #expect(await refusal(verifier, message) == nil, "\(name)")
            let elsewhere = try signer.sign(SNSWorld.message())
            let other = world.verifier(trust: world.trust, pem: signer.certificatePEM)
            #expect(await refusal(other, elsewhere) == .certificate, "\(name)")
        }
    }
}
