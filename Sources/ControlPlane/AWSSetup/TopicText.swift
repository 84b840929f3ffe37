/// An SNS topic to which SES may publish, and a queue that may be fed. In the texts the topic is `$TOPIC`, `Topic` or
/// `aws_sns_topic.sesame`.
enum TopicText {
    static func shell(_ topic: String) -> String {
        #"""
        TOPIC=$(aws sns create-topic --name \#(topic) --attributes SignatureVersion=2 \
            --query TopicArn --output text)
        aws sns set-topic-attributes --topic-arn "$TOPIC" --attribute-name Policy --attribute-value "$(cat <<JSON
        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ses.amazonaws.com"},
         "Action":"sns:Publish","Resource":"$TOPIC","Condition":{"StringEquals":{"AWS:SourceAccount":"$ACCOUNT"}}}]}
        JSON
        )"
        """#
    }

    static func template(_ topic: String) -> String {
        """
          Topic:
            Type: AWS::SNS::Topic
            Properties: {TopicName: \(topic), SignatureVersion: '2'}
          TopicPolicy:
            Type: AWS::SNS::TopicPolicy
            Properties:
              Topics: [!Ref Topic]
              PolicyDocument:
                Version: '2012-10-17'
                Statement:
                  - Effect: Allow
                    Principal: {Service: ses.amazonaws.com}
                    Action: sns:Publish
                    Resource: !Ref Topic
                    Condition: {StringEquals: {'AWS:SourceAccount': !Ref 'AWS::AccountId'}}

        """
    }

    static func terraform(_ topic: String) -> String {
        """
        resource "aws_sns_topic" "sesame" {
          name              = "\(topic)"
          signature_version = 2
        }

        resource "aws_sns_topic_policy" "sesame" {
          arn = aws_sns_topic.sesame.arn
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { Service = "ses.amazonaws.com" }
              Action    = "sns:Publish"
              Resource  = aws_sns_topic.sesame.arn
              Condition = { StringEquals = { "AWS:SourceAccount" = data.aws_caller_identity.current.account_id } }
            }]
          })
        }


        """
    }

    static func shellEventDestination(_ name: String) -> String {
        SetupText.shellEventDestination(name, "SnsDestination={TopicArn=$TOPIC}")
    }

    static func templateEventDestination(_ name: String) -> String {
        SetupText.templateEventDestination(
            name, dependsOn: "TopicPolicy", "        SnsDestination: {TopicARN: !Ref Topic}\n")
    }

    static func terraformEventDestination(_ name: String) -> String {
        SetupText.terraformEventDestination(
            name, dependsOn: "aws_sns_topic_policy.sesame",
            "    sns_destination {\n      topic_arn = aws_sns_topic.sesame.arn\n    }")
    }
}
