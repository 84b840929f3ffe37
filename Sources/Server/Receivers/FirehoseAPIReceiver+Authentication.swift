import AWSProtocols
import ControlPlane
import HTTPTypes
import Primitives

extension FirehoseAPIReceiver {
    private static let verifier = SigV4Verifier(SigV4Rules(service: FirehoseAPI.signingName))

    /// The source whose key signed the request, and the region that was signed for, which may be any.
    func authenticate(
        _ request: ReceivedRequest
    ) async throws(Fault) -> (signer: SourceList.Signer, region: String) {
        let signed = FirehoseAPIReceiver.signed(request)
        var signer: SourceList.Signer?
        var secrets: [String] = []
        if let key = SigV4Verifier.claimedAccessKeyID(of: signed) {
            do {
                signer = try await context.directory.find { $0.signer(key) }
                secrets = try signer?.secrets.get() ?? []
            } catch { throw Fault(.directory(error)) }
        }
        do throws(SigV4Error) {
            let identity = try await verify(signed, request.receivedAt, secrets)
            if let signer { return (signer, identity.scope.region) }
            throw SigV4Error(.unrecognizedClient, "The security token included in the request is invalid.")
        } catch {
            let refusal = Fault(outcome: FirehoseAPIReceiver.outcome(error), error: AWSError(error))
            if let signer { await note(refusal, of: signer.source, at: request.receivedAt) }
            throw refusal
        }
    }

    /// Verifies with the newest secret, then with the one before it; without any it still says what else is wrong.
    private func verify(
        _ request: SignedRequest, _ now: Timestamp, _ secrets: [String]
    ) async throws(SigV4Error) -> SigV4Identity {
        for secret in secrets.dropLast() {
            do {
                return try await FirehoseAPIReceiver.verifier.verify(request, now: now) { _ in secret }
            } catch {
                guard error.code == .invalidSignature else { throw error }
            }
        }
        let last = secrets.last
        return try await FirehoseAPIReceiver.verifier.verify(request, now: now) { _ in last }
    }

    private static func signed(_ request: ReceivedRequest) -> SignedRequest {
        var headers = request.headers.pairs.filter { $0.name.lowercased() != "host" }
        headers.append(("host", request.authority))
        return SignedRequest(
            method: request.method.rawValue, path: request.path, query: request.query, headers: headers,
            bodyHash: SignedRequest.bodyHash(of: request.body))
    }

    private static func outcome(_ error: SigV4Error) -> ReceiverOutcome {
        switch error.code {
        case .missingAuthenticationToken, .unrecognizedClient: .badKey
        case .incompleteSignature: .unreadable
        case .invalidSignature: error.message.hasPrefix("Signature ") ? .stale : .forged
        }
    }

    /// Counts on the source what was refused.
    func note(_ fault: Fault, of source: Source, at time: Timestamp) async {
        var activity = SourceActivity()
        activity.refused = [fault.outcome.rawValue: 1]
        (activity.lastError, activity.lastErrorAt) = (fault.error.message, time)
        await context.directory.record(activity, of: source)
    }
}
