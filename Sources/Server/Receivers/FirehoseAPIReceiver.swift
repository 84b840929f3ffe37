import AWSProtocols
import ControlPlane
import EventLog
import HTTPTypes
import Lake
import Primitives

/// Firehose's API as a server, `POST /` with `X-Amz-Target: Firehose_20150804.…`: programs that put records into a stream on
/// AWS put them here instead, with the same SDK.
///
/// The key that signs names the source, and the source the workspace. A stream is any that was made here, or the one of the
/// source's own name, which is always there. What is put into it goes to the log as one record a request, with the
/// stream's name; all of a batch is kept or none, so when the log cannot take it the whole request is answered
/// `ServiceUnavailableException`, which SDKs repeat by themselves.
struct FirehoseAPIReceiver: Receiver {
    /// The largest body, in bytes.
    static let maximumBodySize = FirehoseAPI.maximumBodySize
    /// The account in the ARNs of streams: there is none.
    static let account = "000000000000"

    let context: ReceiverContext
    /// Keeps the streams.
    let database: ControlDatabase
    /// Where streams with declared columns have their tables; nil where all streams carry events of SES.
    var lake: EventLake?

    /// Why a request fails: an error of AWS's, and what of it is counted.
    struct Fault: Error {
        var outcome: ReceiverOutcome
        var error: AWSError
        var retryAfter: Int?
    }

    /// Who called, from which region, and what.
    struct Caller {
        var signer: SourceList.Signer
        var region: String
        var request: ReceivedRequest
        var requestID: String
    }

    func receive(_ request: ReceivedRequest) async -> ReceiverAnswer {
        let requestID = AWSJSON.newRequestID()
        var fields: HTTPFields = [.contentType: AWSJSON.contentType]
        if let name = HTTPField.Name(AWSJSON.requestIDHeader) { fields[name] = requestID }
        do {
            let answer = try await serve(request, requestID)
            return ReceiverAnswer(
                status: .ok, headers: fields, body: answer.body, outcome: answer.outcome.rawValue,
                records: answer.records)
        } catch {
            if let seconds = error.retryAfter { fields[.retryAfter] = String(seconds) }
            return ReceiverAnswer(
                status: .init(code: error.error.status), headers: fields, body: error.error.body(),
                outcome: error.outcome.rawValue)
        }
    }

    /// What is answered when all went well.
    struct Answer {
        var body: [UInt8]
        var outcome = ReceiverOutcome.administered
        var records = 0
    }

    private func serve(_ request: ReceivedRequest, _ requestID: String) async throws(Fault) -> Answer {
        guard request.method == .post else {
            throw Fault(
                outcome: .badMethod, error: AWSError("UnknownOperationException", "only POST is served here"))
        }
        let (signer, region) = try await authenticate(request)
        let caller = Caller(signer: signer, region: region, request: request, requestID: requestID)
        do throws(Fault) {
            if signer.source.pausedAt != nil {
                throw Fault(Rejection(.paused, retryAfter: 60, "the source is paused"))
            }
            return try await answer(caller)
        } catch {
            await note(error, of: signer.source, at: request.receivedAt)
            throw error
        }
    }

    private func answer(_ caller: Caller) async throws(Fault) -> Answer {
        guard
            let target = caller.request.headers.single(AWSJSON.targetHeader).flatMap(AWSTarget.init(header:))
        else {
            throw Fault(AWSError("UnknownOperationException", "X-Amz-Target names no operation"))
        }
        guard !FirehoseAPIReceiver.encryption.contains(target.operation) else {
            throw Fault(
                AWSError(
                    "InvalidArgumentException",
                    "streams are not encrypted with KMS here; encrypt the disk or the bucket that Sesame writes to"
                ))
        }
        let call: FirehoseCall
        do { call = try FirehoseAPI.decode(target, body: caller.request.body) } catch { throw Fault(error) }
        if case .put(let stream, let records, let isBatch) = call {
            return try await put(records, into: stream, isBatch: isBatch, caller)
        }
        return Answer(body: try await administer(call, caller))
    }

    private static let encryption: Set<String> = [
        "StartDeliveryStreamEncryption", "StopDeliveryStreamEncryption",
    ]
}

extension FirehoseAPIReceiver.Fault {
    /// An operation was refused.
    init(_ error: AWSError) { self.init(outcome: .badRequest, error: error) }

    /// The records could not be stored, or the sources not be read: SDKs try again.
    init(_ rejection: Rejection) {
        self.init(
            outcome: rejection.outcome,
            error: AWSError("ServiceUnavailableException", rejection.message, status: 503),
            retryAfter: rejection.retryAfter)
    }
}
