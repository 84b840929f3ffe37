import AWSProtocols
import ControlPlane
import EventLog
import Primitives

extension FirehoseAPIReceiver {
    /// Stores records and answers with their ids.
    func put(
        _ records: FirehoseRecords, into stream: String, isBatch: Bool, _ caller: Caller
    ) async throws(Fault) -> Answer {
        let source = caller.signer.source
        try await checkStream(stream, caller)
        let body = records.lines
        if !body.isEmpty {
            let origin = Origin.attributes([
                (Origin.requestID, caller.requestID), (Origin.stream, stream), (Origin.region, caller.region),
            ])
            let record = LogRecord(
                receivedAt: caller.request.receivedAt, source: source.name, origin: origin, body: body)
            do { try await context.keep([record], events: records.count, from: source) } catch {
                throw Fault(error)
            }
        }
        // Unique because the request's id is; nobody reads more into it.
        let ids = records.ends.indices.map { "\(caller.requestID)-\($0)" }
        let answer =
            isBatch
            ? FirehoseAPI.putBatchAnswer(ids.map { .success($0) })
            : FirehoseAPI.putAnswer(recordID: ids.first ?? caller.requestID)
        return Answer(body: answer, outcome: .accepted, records: records.count)
    }

    private func checkStream(_ stream: String, _ caller: Caller) async throws(Fault) {
        if caller.signer.hasStream(stream) { return }
        guard case .firehoseAPI(let settings) = caller.signer.source.settings else { return }
        var fresh: SourceList.Signer?
        do {
            fresh = try await context.directory.find { list in
                list.signer(settings.accessKeyID).flatMap { $0.hasStream(stream) ? $0 : nil }
            }
        } catch { throw Fault(.directory(error)) }
        guard fresh != nil else {
            throw Fault(FirehoseAPI.notFound(stream, account: FirehoseAPIReceiver.account))
        }
    }
}
