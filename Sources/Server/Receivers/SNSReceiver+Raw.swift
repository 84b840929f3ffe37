import AWSProtocols
import ControlPlane
import HTTPTypes
import Primitives

extension SNSReceiver {
    /// Takes a raw message: the body is the event itself and nothing is signed, so the secret in the endpoint's URL stands in.
    ///
    /// As a password (`https://sesame:SECRET@…`) SNS sends it only after a 401; as `?token=SECRET` at once.
    func takeRaw(
        _ request: ReceivedRequest, _ source: Source, _ settings: SourceSettings.SNS
    ) async throws(Rejection) -> ReceiverAnswer {
        guard settings.allowsRawDelivery else {
            throw Rejection(
                .rawDelivery, .forbidden,
                "this source takes no raw messages; switch raw delivery off for the subscription, or allow it here"
            )
        }
        let secrets = [
            PresentedSecret(query: request.query),
            request.headers.single("authorization").flatMap(PresentedSecret.basic)?.password,
        ].compactMap { $0 }
        guard !secrets.isEmpty else {
            throw Rejection(
                .badKey, .unauthorized, "raw messages need the source's secret, as a password or as ?token=")
        }
        guard secrets.contains(where: { $0.opens(source, at: request.receivedAt) }) else {
            throw Rejection(
                .badKey, .forbidden,
                "this is not the source's secret; `sesame source rotate` makes a new one")
        }
        guard let topic = request.headers.single("x-amz-sns-topic-arn").flatMap(SNSTopic.init(arn:)),
            settings.topicARNs.contains(topic.arn)
        else {
            throw Rejection(
                .foreignTopic, .forbidden, "the topic is not one of this source; add it there if it is yours")
        }
        guard !request.body.isEmpty else {
            throw Rejection(.unreadable, .badRequest, "the message is empty")
        }
        let id = request.headers.single("x-amz-sns-message-id")
        return try await keep(request.body, id: id, topic: topic, request, source)
    }
}
