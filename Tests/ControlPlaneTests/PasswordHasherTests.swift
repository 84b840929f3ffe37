import Primitives
import Testing

@testable import ControlPlane

@Suite("Passwords")
struct PasswordHasherTests {
    let hasher = PasswordHasher(.init(logRounds: 4, blockSize: 8, parallelism: 1))

    @Test("are known again, alone, and hash to something else each time")
    func verify() async throws {
        let hash = try await hasher.hash("correct horse battery")
        #expect(try await hasher.verify("correct horse battery", against: hash))
        for wrong in ["correct horse batterz", "", "correct horse battery ", "Correct horse battery"] {
            #expect(try await !hasher.verify(wrong, against: hash))
        }
        #expect(try await hasher.hash("correct horse battery") != hash)
        #expect(!hash.contains("correct") && hash.hasPrefix("$scrypt$ln=4,r=8,p=1$"))
    }

    @Test("hashed by Python's hashlib.scrypt are known, with whatever parameters they carry")
    func independentVector() async throws {
        let hash = "$scrypt$ln=4,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$coHb6LlzckOeOHbDHR6JGt8ViaJ/p4LgT4TcMJHWRUI"
        let other = PasswordHasher(.init(logRounds: 5, blockSize: 4, parallelism: 2))
        #expect(try await other.verify("correct horse battery", against: hash))
        #expect(try await !other.verify("correct horse batterz", against: hash))
    }

    @Test("typed on different keyboards are the same")
    func normalization() async throws {
        let hash = try await hasher.hash("Stra\u{DF}e Caf\u{E9} am Eck")
        #expect(try await hasher.verify("Stra\u{DF}e Cafe\u{301} am Eck", against: hash))
    }

    @Test(
        "too short or too long are refused",
        arguments: ["", "short", "elevenchars", String(repeating: "x", count: 1_025)])
    func length(_ password: String) async {
        let hasher = hasher
        #expect(await failure { _ = try await hasher.hash(password) }?.kind == .usage)
    }

    @Test(
        "never pass against a hash that is missing or damaged",
        arguments: [
            nil, "", "$scrypt$", "$scrypt$ln=99,r=8,p=1$AAAA$AAAA", "$argon2$ln=4$AAAAAAAAAAAAAAAA$AA", "x",
        ])
    func noHash(_ hash: String?) async throws {
        #expect(try await !hasher.verify("correct horse battery", against: hash))
    }

    @Test("are hashed today as OWASP recommends")
    func today() async throws {
        let hash = try await PasswordHasher().hash("correct horse battery")
        #expect(hash.hasPrefix("$scrypt$ln=15,r=8,p=3$"))
        #expect(try await PasswordHasher().verify("correct horse battery", against: hash))
    }
}
