import AWSProtocols
import ControlPlane
import HTTPTypes
import Primitives

extension SNSReceiver {
    /// Says yes to a subscription. Topic, signature and URL have been checked.
    func confirm(
        _ topic: SNSTopic, at url: SNSServiceURL, _ source: Source
    ) async throws(Rejection) -> ReceiverAnswer {
        do { _ = try await fetch(url) } catch {
            var rejection = Rejection(
                .unconfirmed, retryAfter: 20,
                "the subscription to \(topic) could not be confirmed; SNS asks again, or request it anew there"
            )
            rejection.cause = "\(rejection.message): \(error)"
            throw rejection
        }
        context.say("source '\(source.name)': the subscription to \(topic) is confirmed")
        return ReceiverAnswer(
            status: .ok, body: Array("subscription confirmed\n".utf8),
            outcome: ReceiverOutcome.confirmed.rawValue)
    }

    /// Tells the operator that no more will come. It is not undone: who may unsubscribe may mean it.
    func noteEnd(of topic: SNSTopic, _ request: ReceivedRequest, _ source: Source) async -> ReceiverAnswer {
        let message =
            "the endpoint was unsubscribed from \(topic): no more events come from there; subscribe it again if "
            + "that was not meant"
        context.say("source '\(source.name)': \(message)")
        var activity = SourceActivity()
        activity.refused = [ReceiverOutcome.unsubscribed.rawValue: 1]
        (activity.lastError, activity.lastErrorAt) = (message, request.receivedAt)
        await context.directory.record(activity, of: source)
        return ReceiverAnswer(status: .ok, outcome: ReceiverOutcome.unsubscribed.rawValue)
    }
}
