/// An SQS queue that a service of AWS may fill: `$QUEUE`, or a resource called `label` (`Label` in templates).
enum QueueText {
    /// - Parameter sourceARN: who fills it: `$TOPIC`, the expression of a template, or of Terraform.
    static func shell(
        _ queue: String, from service: String, sourceARN: String, visibility: Int? = nil
    ) -> String {
        let timeout = visibility.map { ",VisibilityTimeout=\($0)" } ?? ""
        return #"""
            QUEUE_URL=$(aws sqs create-queue --queue-name \#(queue) --query QueueUrl --output text \
                --attributes MessageRetentionPeriod=1209600\#(timeout))
            QUEUE="arn:$PARTITION:sqs:$AWS_REGION:$ACCOUNT:\#(queue)"
            aws sqs set-queue-attributes --queue-url "$QUEUE_URL" --attributes "{\"Policy\":\"$(quoted <<JSON
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"\#(service)"},
             "Action":"sqs:SendMessage","Resource":"$QUEUE","Condition":{"ArnEquals":{"aws:SourceArn":"\#(sourceARN)"},
             "StringEquals":{"aws:SourceAccount":"$ACCOUNT"}}}]}
            JSON
            )\"}"
            """#
    }

    static func template(
        _ label: String, name: String? = nil, from service: String, sourceARN: String, visibility: Int? = nil
    ) -> String {
        let naming = name.map { "QueueName: \($0), " } ?? ""
        let timeout = visibility.map { ", VisibilityTimeout: \($0)" } ?? ""
        return """
              \(label):
                Type: AWS::SQS::Queue
                DeletionPolicy: Retain
                UpdateReplacePolicy: Retain
                Properties: {\(naming)MessageRetentionPeriod: 1209600\(timeout)}
              \(label)Policy:
                Type: AWS::SQS::QueuePolicy
                Properties:
                  Queues: [!Ref \(label)]
                  PolicyDocument:
                    Version: '2012-10-17'
                    Statement:
                      - Effect: Allow
                        Principal: {Service: \(service)}
                        Action: sqs:SendMessage
                        Resource: !GetAtt \(label).Arn
                        Condition:
                          ArnEquals: {'aws:SourceArn': \(sourceARN)}
                          StringEquals: {'aws:SourceAccount': !Ref 'AWS::AccountId'}

            """
    }

    static func terraform(
        _ label: String, name: String, from service: String, sourceARN: String, visibility: Int? = nil
    ) -> String {
        let timeouts = visibility.map { "  visibility_timeout_seconds = \($0)\n" } ?? ""
        // `terraform fmt` aligns the equals signs.
        let space = visibility == nil ? "" : " "
        return """
            resource "aws_sqs_queue" "\(label)" {
              name                      \(space)= "\(name)"
              message_retention_seconds \(space)= 1209600
            \(timeouts)}

            resource "aws_sqs_queue_policy" "\(label)" {
              queue_url = aws_sqs_queue.\(label).id
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [{
                  Effect    = "Allow"
                  Principal = { Service = "\(service)" }
                  Action    = "sqs:SendMessage"
                  Resource  = aws_sqs_queue.\(label).arn
                  Condition = {
                    ArnEquals    = { "aws:SourceArn" = \(sourceARN) }
                    StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id }
                  }
                }]
              })
            }


            """
    }
}
