import Primitives

/// SES → SNS topic → SQS queue, which Sesame empties. Nothing of Sesame need be reachable from outside, and what waits is
/// kept for 14 days.
struct SQSSetup {
    let name: String
    private var label: String { AWSName.label(of: name) }
    let settings: SourceSettings.SQS
    let queue: String

    init(name: String, settings: SourceSettings.SQS) throws(Failure) {
        (self.name, self.settings) = (name, settings)
        queue = try Self.queueName(of: settings.queueURL)
    }

    /// The last part of a queue's URL.
    static func queueName(of url: String) throws(Failure) -> String {
        let last = url.split(separator: "/").last.map(String.init) ?? ""
        guard (1...80).contains(last.utf8.count),
            last.utf8.allSatisfy({ AWSName.isWord($0) || $0 == UInt8(ascii: "-") })
        else { throw Failure(.usage, "'\(url)' does not end in the name of a standard queue") }
        return last
    }

    private var what: String { "SES to Sesame's source \(name) by way of the SQS queue \(queue)" }

    func text(_ style: AWSSetup.Style) -> String {
        switch style {
        case .cli: shell
        case .cloudformation: template
        case .terraform: terraform
        }
    }

    private var shell: String {
        SetupText.shellHead(what, region: settings.region) + #"""

            \#(TopicText.shell("sesame-\(label)"))

            \#(QueueText.shell(queue, from: "sns.amazonaws.com", sourceARN: "$TOPIC", visibility: 120))
            aws sns subscribe --topic-arn "$TOPIC" --protocol sqs --notification-endpoint "$QUEUE"

            # What Sesame may do; attach it to the user or role by which Sesame signs.
            aws iam create-policy --policy-name sesame-\#(label)-reader --policy-document "$(cat <<JSON
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"$QUEUE",
             "Action":["sqs:ReceiveMessage","sqs:DeleteMessage","sqs:ChangeMessageVisibility","sqs:GetQueueAttributes"]}]}
            JSON
            )"


            """#
            + TopicText.shellEventDestination(label)
    }

    private var template: String {
        SetupText.templateHead(what) + TopicText.template("sesame-\(label)")
            + QueueText.template(
                "Queue", name: queue, from: "sns.amazonaws.com", sourceARN: "!Ref Topic", visibility: 120)
                + """
                  Subscription:
                    Type: AWS::SNS::Subscription
                    Properties: {TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt Queue.Arn}
                  # What Sesame may do; attach it to the user or role by which Sesame signs.
                  Reader:
                    Type: AWS::IAM::ManagedPolicy
                    Properties:
                      PolicyDocument:
                        Version: '2012-10-17'
                        Statement:
                          - Effect: Allow
                            Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes']
                            Resource: !GetAtt Queue.Arn

                """
            + TopicText.templateEventDestination(label)
    }

    private var terraform: String {
        SetupText.terraformHead(what, region: settings.region) + TopicText.terraform("sesame-\(label)")
            + QueueText.terraform(
                "sesame", name: queue, from: "sns.amazonaws.com", sourceARN: "aws_sns_topic.sesame.arn",
                visibility: 120) + """
                resource "aws_sns_topic_subscription" "sesame" {
                  topic_arn = aws_sns_topic.sesame.arn
                  protocol  = "sqs"
                  endpoint  = aws_sqs_queue.sesame.arn
                }

                # What Sesame may do; attach it to the user or role by which Sesame signs.
                resource "aws_iam_policy" "reader" {
                  name = "sesame-\(label)-reader"
                  policy = jsonencode({
                    Version = "2012-10-17"
                    Statement = [{
                      Effect   = "Allow"
                      Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
                      Resource = aws_sqs_queue.sesame.arn
                    }]
                  })
                }


                """
            + TopicText.terraformEventDestination(label)
    }
}
