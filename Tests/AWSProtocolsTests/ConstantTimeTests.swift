import AWSProtocols
import Testing

@Suite("The comparison of secrets")
struct ConstantTimeTests {
    @Test("tells equal from unequal, whatever the lengths")
    func compares() {
        #expect(ConstantTime.equals("secret", "secret"))
        for other in ["", "secres", "aecret", "secre", "secretsecret", "secrets"] {
            #expect(!ConstantTime.equals(other, "secret"), "\(other)")
        }
    }

    @Test("lets nobody in where no key is set")
    func emptyEqualsNothing() {
        #expect(!ConstantTime.equals("", ""))
        #expect(!ConstantTime.equals("x", ""))
    }
}
