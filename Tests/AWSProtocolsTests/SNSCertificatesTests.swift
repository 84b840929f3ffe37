import AWSProtocols
import Primitives
import Synchronization
import Testing

/// Serves certificates and counts; while it is closed, fetches wait.
private actor CertificateServer {
    private let pem: [UInt8]
    private var isOpen: Bool
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var arrivals: [CheckedContinuation<Void, Never>] = []
    private(set) var fetches = 0
    var fails = false

    init(_ pem: [UInt8], isOpen: Bool = true) {
        self.pem = pem
        self.isOpen = isOpen
    }

    func fetch() async throws -> [UInt8] {
        fetches += 1
        arrivals.forEach { $0.resume() }
        arrivals = []
        if !isOpen { await withCheckedContinuation { waiting.append($0) } }
        if fails { throw Failure(.storage, "no route to host") }
        return pem
    }

    func firstFetch() async {
        if fetches == 0 { await withCheckedContinuation { arrivals.append($0) } }
    }

    func open() {
        isOpen = true
        waiting.forEach { $0.resume() }
        waiting = []
    }

    func setFails(_ fails: Bool) { self.fails = fails }
}

/// A clock that stands until it is moved.
private final class Uptimer: Sendable {
    private let time = Mutex(Duration.zero)
    var now: Duration { time.withLock { $0 } }
    func pass(_ duration: Duration) { time.withLock { $0 += duration } }
}

@Suite("Certificates")
struct SNSCertificatesTests {
    private func verifier(
        _ server: CertificateServer, capacity: Int = 64,
        uptime: @escaping @Sendable () -> Duration = { .zero }
    ) -> SNSVerifier {
        let certificates = SNSCertificates(trust: nil, capacity: capacity, uptime: uptime) { _ in
            try await server.fetch()
        }
        return SNSVerifier(SNSRules(topics: [SNSWorld.arn]), certificates: certificates)
    }

    private func message(path: String = "a", _ world: SNSWorld) throws -> SNSMessage {
        var message = try SNSWorld.message()
        message.signingCertURL = "https://sns.eu-west-1.amazonaws.com/\(path).pem"
        return try world.signer.sign(message)
    }

    @Test("are fetched once, also for many messages at a time")
    func singleFlight() async throws {
        let world = try SNSWorld.shared.get()
        let server = CertificateServer(world.signer.certificatePEM, isOpen: false)
        let verifier = verifier(server)
        let message = try message(world)
        let taken = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 { group.addTask { await refusal(verifier, message) == nil } }
            await server.firstFetch()
            await server.open()
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(taken == 50)
        #expect(await refusal(verifier, message) == nil)
        #expect(await server.fetches == 1)
    }

    @Test("that cannot be fetched are not asked for again at once, and the sender is told to try again")
    func failures() async throws {
        let world = try SNSWorld.shared.get()
        let uptime = Uptimer()
        let server = CertificateServer(world.signer.certificatePEM)
        await server.setFails(true)
        let (verifier, message) = (verifier(server) { uptime.now }, try message(world))
        for _ in 0..<5 { #expect(await refusal(verifier, message) == .certificateUnavailable) }
        #expect(await server.fetches == 1)
        #expect(SNSRefusal(.certificateUnavailable, "").isTransient)
        await server.setFails(false)
        // The wall clock may be set as it likes meanwhile.
        #expect(
            await refusal(verifier, message, now: SNSWorld.now.plus(seconds: 31)) == .certificateUnavailable)
        uptime.pass(.seconds(30))
        #expect(await refusal(verifier, message, now: SNSWorld.now.plus(seconds: -100)) == nil)
        #expect(await server.fetches == 2)
    }

    @Test("are kept up to a number, and failures push out none of them")
    func bounds() async throws {
        let world = try SNSWorld.shared.get()
        let server = CertificateServer(world.signer.certificatePEM)
        let verifier = verifier(server, capacity: 2)
        let good = try message(path: "good", world)
        #expect(await refusal(verifier, good) == nil)
        await server.setFails(true)
        for number in 0..<9 {
            #expect(await refusal(verifier, try message(path: "f\(number)", world)) != nil)
        }
        #expect(await refusal(verifier, good) == nil)
        await server.setFails(false)
        for number in 0..<2 {
            #expect(await refusal(verifier, try message(path: "g\(number)", world)) == nil)
        }
        let before = await server.fetches
        #expect(await refusal(verifier, good) == nil)
        #expect(await server.fetches == before + 1)
    }

    @Test("are fetched for a few URLs at a time only")
    func fetchLimit() async throws {
        let world = try SNSWorld.shared.get()
        let server = CertificateServer(world.signer.certificatePEM, isOpen: false)
        let verifier = verifier(server)
        let messages = try (0..<20).map { try message(path: "n\($0)", world) }
        let refused = await withTaskGroup(of: SNSRefusal.Reason?.self) { group in
            for message in messages { group.addTask { await refusal(verifier, message) } }
            var refused = 0
            for await reason in group {
                #expect(reason == nil || reason == .certificateUnavailable)
                if reason != nil { refused += 1 }
                if refused == 16 { await server.open() }
            }
            return refused
        }
        #expect(refused == 16)
        #expect(await server.fetches == 4)
    }
}
