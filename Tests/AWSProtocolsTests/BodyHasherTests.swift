import AWSProtocols
import Testing
import TestSupport

@Suite("The hash of a body")
struct BodyHasherTests {
    @Test("is that of FIPS 180-4")
    func vectors() {
        #expect(
            SignedRequest.emptyBodyHash == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            SignedRequest.bodyHash(of: Array("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("does not depend on the pieces in which it comes")
    func pieces() {
        for seed in 0..<100 {
            var generator = SeededGenerator(seed: seed)
            let body = (0..<Int.random(in: 0...500, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            var hasher = BodyHasher()
            var rest = body[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...200, using: &generator))
                piece.withUnsafeBytes { hasher.update($0) }
                rest = rest.dropFirst(piece.count)
            }
            #expect(hasher.finish() == SignedRequest.bodyHash(of: body))
        }
    }
}
