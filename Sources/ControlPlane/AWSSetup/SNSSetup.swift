import Primitives

/// SES → SNS topic → HTTPS subscription.
///
/// SNS gives up after about a minute unless told otherwise, so the subscription tries for an hour and then keeps what it
/// could not deliver in a queue for 14 days. Sesame confirms the subscription by itself, since it knows the topic.
struct SNSSetup {
    let name: String
    private var label: String { AWSName.label(of: name) }
    let settings: SourceSettings.SNS
    let topic: AWSName
    let endpoint: String

    init(name: String, settings: SourceSettings.SNS, endpoint: String) throws(Failure) {
        guard let arn = settings.topicARNs.first, let topic = AWSName(topicARN: arn) else {
            throw Failure(.usage, "source '\(name)' names no topic")
        }
        (self.name, self.settings, self.topic, self.endpoint) = (name, settings, topic, endpoint)
    }

    private var what: String { "SES to Sesame's source \(name) by way of the SNS topic \(topic.name)" }
    /// 35 tries, at most 100 s apart: just within the hour that SNS allows in all.
    private static let retries = [
        ("minDelayTarget", "5"), ("maxDelayTarget", "100"), ("numRetries", "35"),
        ("backoffFunction", "\"exponential\""),
    ]
    /// The same in JSON, which is YAML too.
    private static let retriesJSON =
        "{" + retries.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
    /// The same in Terraform's language.
    private static let retriesHCL = "{ " + retries.map { "\($0.0) = \($0.1)" }.joined(separator: ", ") + " }"
    /// Raw messages carry no signature; a password in the URL stands in for it.
    private func address(_ secret: String) -> String {
        guard settings.allowsRawDelivery, endpoint.hasPrefix("https://") else { return endpoint }
        return "https://sesame:\(secret)@\(endpoint.dropFirst(8))"
    }

    func text(_ style: AWSSetup.Style) -> String {
        switch style {
        case .cli: shell
        case .cloudformation: template
        case .terraform: terraform
        }
    }

    private var shell: String {
        SetupText.shellHead(what, region: topic.region, needsSecret: settings.allowsRawDelivery) + #"""

            \#(TopicText.shell(topic.name))

            # What could not be delivered within an hour waits here for 14 days.
            \#(QueueText.shell("sesame-\(label)-undelivered", from: "sns.amazonaws.com", sourceARN: "$TOPIC"))

            REDRIVE=$(echo "{\"deadLetterTargetArn\":\"$QUEUE\"}" | quoted)
            DELIVERY=$(echo '{"healthyRetryPolicy":\#(Self.retriesJSON)}' | quoted)
            aws sns subscribe --topic-arn "$TOPIC" --protocol https --return-subscription-arn \
                --notification-endpoint "\#(address("$SESAME_SECRET"))" \
                --attributes "{\"RawMessageDelivery\":\"\#(settings.allowsRawDelivery)\",\"RedrivePolicy\":\"$REDRIVE\",\"DeliveryPolicy\":\"$DELIVERY\"}"


            """#
            + TopicText.shellEventDestination(label)
    }

    private var template: String {
        SetupText.templateHead(what, needsSecret: settings.allowsRawDelivery) + TopicText.template(topic.name)
            + QueueText.template("Undelivered", from: "sns.amazonaws.com", sourceARN: "!Ref Topic") + """
                  Subscription:
                    Type: AWS::SNS::Subscription
                    Properties:
                      TopicArn: !Ref Topic
                      Protocol: https
                      Endpoint: \(settings.allowsRawDelivery ? "!Sub " : "")'\(address("${SesameSecret}"))'
                      RawMessageDelivery: \(settings.allowsRawDelivery)
                      RedrivePolicy: {deadLetterTargetArn: !GetAtt Undelivered.Arn}
                      DeliveryPolicy: {healthyRetryPolicy: \(Self.retriesJSON)}

                """
            + TopicText.templateEventDestination(label)
    }

    private var terraform: String {
        SetupText.terraformHead(what, region: topic.region, needsSecret: settings.allowsRawDelivery)
            + TopicText.terraform(topic.name)
            + QueueText.terraform(
                "undelivered", name: "sesame-\(label)-undelivered", from: "sns.amazonaws.com",
                sourceARN: "aws_sns_topic.sesame.arn") + """
                resource "aws_sns_topic_subscription" "sesame" {
                  topic_arn              = aws_sns_topic.sesame.arn
                  protocol               = "https"
                  endpoint               = "\(address("${var.sesame_secret}"))"
                  endpoint_auto_confirms = true
                  raw_message_delivery   = \(settings.allowsRawDelivery)
                  redrive_policy         = jsonencode({ deadLetterTargetArn = aws_sqs_queue.undelivered.arn })
                  delivery_policy        = jsonencode({ healthyRetryPolicy = \(Self.retriesHCL) })
                }


                """
            + TopicText.terraformEventDestination(label)
    }
}
