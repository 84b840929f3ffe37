import Testing

@testable import ControlPlane

@Suite("Secrets")
struct SecretTests {
    @Test("carry their kind and a checksum, and no two are alike", arguments: Secret.Kind.allCases)
    func form(_ kind: Secret.Kind) {
        let secrets = (0..<200).map { _ in Secret.generate(kind).text }
        #expect(Set(secrets).count == 200)
        for secret in secrets {
            #expect(secret.utf8.count == 56 && secret.hasPrefix(kind.rawValue))
            #expect(Secret.isWellFormed(secret, kind))
            for other in Secret.Kind.allCases where other != kind {
                #expect(!Secret.isWellFormed(secret, other))
            }
        }
    }

    @Test("have the checksum that zlib computes")
    func vector() {
        #expect(CRC32.checksum("123456789".utf8) == 0xCBF4_3926)
        // Made with Python's zlib.crc32.
        #expect(Secret.isWellFormed("ses_in_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA1GPtwA", .ingest))
    }

    @Test("with one character changed are noticed without asking the database")
    func damage() {
        let secret = Array(Secret.generate(.api).text)
        for index in secret.indices {
            var damaged = secret
            damaged[index] = damaged[index] == "a" ? "b" : "a"
            #expect(!Secret.isWellFormed(String(damaged), .api))
        }
        for text in ["", "ses_tk_", String(secret.dropLast()), String(secret) + "a"] {
            #expect(!Secret.isWellFormed(text, .api))
        }
    }

    @Test("do not show in logs, and their hash knows them")
    func hiding() {
        let secret = Secret.generate(.ingest)
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped, String(describing: [secret])] {
            #expect(!text.contains(secret.text.dropFirst(7).prefix(10)))
        }
        #expect(secret.hash.matches(secret.text))
        #expect(!secret.hash.matches(secret.text + " "))
        #expect(!secret.hash.matches(""))
    }
}
