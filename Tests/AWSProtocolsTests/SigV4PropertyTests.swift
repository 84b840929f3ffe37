import AWSProtocols
import Primitives
import Testing
import TestSupport

private let secret = "s3cr3t/+="
private let time = Timestamp.at("2026-08-01T12:00:00Z")

/// A request with random parts, and how it is signed.
private struct Sample {
    var request: SignedRequest
    var dialect: SigV4Dialect

    init(_ generator: inout SeededGenerator) {
        dialect = Bool.random(using: &generator) ? .s3 : .standard
        func word(_ alphabet: String, _ range: ClosedRange<Int>, _ generator: inout SeededGenerator) -> String
        {
            String(
                (0..<Int.random(in: range, using: &generator)).map { _ in
                    alphabet.randomElement(using: &generator) ?? "a"
                })
        }
        let plain = "abcXYZ019-_.~"
        var path = ""
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            // Letters around the dots keep the path in its normal form.
            path += "/a" + word(plain + "%", 0...0, &generator) + word(plain, 0...5, &generator) + "%2Fz"
        }
        var query: [String] = []
        for _ in 0..<Int.random(in: 0...4, using: &generator) {
            query.append(word(plain, 1...4, &generator) + "=" + word(plain, 0...3, &generator) + "%20")
        }
        var headers = [("Host", "h" + word(plain, 0...9, &generator))]
        for number in 0..<Int.random(in: 0...4, using: &generator) {
            headers.append(("X-Amz-Meta-\(number)", "v" + word(plain + " ,;=\"ü", 0...9, &generator)))
        }
        request = SignedRequest(
            method: ["GET", "POST", "PUT"].randomElement(using: &generator) ?? "GET", path: path,
            query: query.joined(separator: "&"), headers: headers.shuffled(using: &generator),
            bodyHash: SignedRequest.bodyHash(of: Array(word(plain, 0...20, &generator).utf8)))
    }

    mutating func sign() {
        let credentials = AWSCredentials(accessKeyID: "AKIA1", secretAccessKey: secret)
        SigV4Signer(credentials: credentials, region: "r-1", service: "sv", dialect: dialect).sign(
            &request, at: time)
    }

    var isAccepted: Bool {
        get async {
            let verifier = SigV4Verifier(SigV4Rules(service: "sv", dialect: dialect))
            let identity = try? await verifier.verify(request, now: time) { $0 == "AKIA1" ? secret : nil }
            return identity != nil
        }
    }
}

@Suite("A signature")
struct SigV4PropertyTests {
    @Test("is verified with random paths, queries and headers in any order")
    func roundTrips() async {
        for seed in 0..<400 {
            var generator = SeededGenerator(seed: seed)
            var sample = Sample(&generator)
            sample.sign()
            #expect(await sample.isAccepted, "seed \(seed)")
            sample.request.headers.shuffle(using: &generator)
            sample.request.headers.append(("X-Forwarded-For", "10.0.0.1"))
            #expect(await sample.isAccepted, "seed \(seed), shuffled")
        }
    }

    @Test("covers every single character")
    func everyCharacter() async {
        for seed in 0..<12 {
            var generator = SeededGenerator(seed: seed)
            var sample = Sample(&generator)
            sample.sign()
            var changed = sample
            for (path, place) in places(of: sample.request) {
                changed.request[keyPath: path] = sample.request[keyPath: path].changing(place)
                #expect(await !changed.isAccepted, "seed \(seed): \(changed.request[keyPath: path])")
                changed = sample
            }
        }
    }

    /// Every character of the request but white space, which a signature does not tell apart.
    private func places(of request: SignedRequest) -> [(WritableKeyPath<SignedRequest, String>, Int)] {
        var paths: [WritableKeyPath<SignedRequest, String>] = [\.method, \.path, \.query, \.bodyHash]
        for index in request.headers.indices { paths.append(\.headers[index].value) }
        return paths.flatMap { path in
            request[keyPath: path].enumerated().filter { $0.element != " " }.map { (path, $0.offset) }
        }
    }

    @Test("never makes the verifier crash, whatever the bytes")
    func mutations() async {
        var generator = SeededGenerator(seed: 1)
        var sample = Sample(&generator)
        sample.sign()
        for _ in 0..<20_000 {
            var changed = sample
            func mutate(_ text: String) -> String {
                String(decoding: Array(text.utf8).mutated(&generator), as: UTF8.self)
            }
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: changed.request.path = mutate(changed.request.path)
            case 1: changed.request.query = mutate(changed.request.query)
            default:
                let index = changed.request.headers.indices.randomElement(using: &generator) ?? 0
                changed.request.headers[index].value = mutate(changed.request.headers[index].value)
            }
            _ = await changed.isAccepted
        }
    }
}

extension String {
    /// The text with another letter or digit at `place`.
    fileprivate func changing(_ place: Int) -> String {
        var characters = Array(self)
        characters[place] = characters[place] == "q" ? "w" : "q"
        return String(characters)
    }
}
