import Primitives

/// Fetches SNS's certificates and keeps them, so that a message costs no request.
///
/// Bounded in all that a stranger can drive: certificates kept, failures kept, fetches under way. One fetch serves all who
/// wait for the same URL, and what failed is not tried again for a while.
public actor SNSCertificates {
    /// The largest certificate file that is taken, in bytes; a fetch need read no further.
    public static let maximumFileSize = 64 << 10

    /// Gets the bytes at a URL over TLS, without following redirects; it should have a time limit of a few seconds.
    public typealias Fetch = @Sendable (SNSServiceURL) async throws -> [UInt8]

    private enum Entry {
        case fetching(Task<Result<SNSCertificate, SNSRefusal>, Never>)
        case good(SNSCertificate)
        case failed(SNSRefusal, until: Duration)
    }

    private let trust: SNSTrust?
    private let capacity: Int
    private let failureLifetime: Int
    private let maximumFetches: Int
    private let uptime: @Sendable () -> Duration
    private let fetch: Fetch
    private var entries: [SNSServiceURL: Entry] = [:]
    /// The URLs of kept entries, the oldest first; good and failed ones apart, so that failures push out no certificate.
    private var kept: [SNSServiceURL] = []
    private var failures: [SNSServiceURL] = []
    private var fetches = 0

    /// A cache of up to `capacity` certificates; `failureLifetime` is in seconds, `uptime` a clock that is never set back.
    ///
    /// Without `trust` a certificate is believed for coming from SNS's own host over TLS.
    public init(
        trust: SNSTrust?, capacity: Int = 64, failureLifetime: Int = 30, maximumFetches: Int = 4,
        uptime: @escaping @Sendable () -> Duration = { Uptime.now }, fetch: @escaping Fetch
    ) {
        self.trust = trust
        self.capacity = capacity
        self.failureLifetime = failureLifetime
        self.maximumFetches = maximumFetches
        self.uptime = uptime
        self.fetch = fetch
    }

    /// The certificate at a URL.
    func certificate(at url: SNSServiceURL, now: Timestamp) async throws(SNSRefusal) -> SNSCertificate {
        switch entries[url] {
        case .good(let certificate): return certificate
        case .fetching(let task): return try await task.value.get()
        case .failed(let refusal, let until) where uptime() < until: throw refusal
        case .failed, nil: return try await start(url, now).value.get()
        }
    }

    private func start(
        _ url: SNSServiceURL, _ now: Timestamp
    ) throws(SNSRefusal) -> Task<Result<SNSCertificate, SNSRefusal>, Never> {
        guard fetches < maximumFetches else {
            throw SNSRefusal(.certificateUnavailable, "too many certificates are being fetched; try again")
        }
        fetches += 1
        // Unstructured: several requests wait for it, and one that is cancelled must not take it from the others.
        let task = Task {
            let result = await load(url, now)
            finish(url, result)
            return result
        }
        failures.removeAll { $0 == url }
        entries[url] = .fetching(task)
        return task
    }

    private func load(_ url: SNSServiceURL, _ now: Timestamp) async -> Result<SNSCertificate, SNSRefusal> {
        let pem: [UInt8]
        do {
            pem = try await fetch(url)
        } catch {
            return .failure(
                SNSRefusal(.certificateUnavailable, "the certificate at \(url) cannot be fetched: \(error)"))
        }
        guard pem.count <= SNSCertificates.maximumFileSize else {
            return .failure(
                SNSRefusal(.certificate, "SigningCertURL gave \(pem.count) bytes, which is no certificate"))
        }
        do {
            return .success(try await SNSCertificate(pem: pem, trust: trust, now: now))
        } catch {
            return .failure(error)
        }
    }

    private func finish(_ url: SNSServiceURL, _ result: Result<SNSCertificate, SNSRefusal>) {
        fetches -= 1
        switch result {
        case .success(let certificate):
            entries[url] = .good(certificate)
            keep(url, in: &kept)
        case .failure(let refusal):
            entries[url] = .failed(refusal, until: uptime() + .seconds(failureLifetime))
            keep(url, in: &failures)
        }
    }

    private func keep(_ url: SNSServiceURL, in list: inout [SNSServiceURL]) {
        list.append(url)
        if list.count > capacity { entries[list.removeFirst()] = nil }
    }
}
