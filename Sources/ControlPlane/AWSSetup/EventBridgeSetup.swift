/// SES → default event bus → rule → API destination, with a queue for what could not be delivered within a day.
///
/// SES reaches the default bus only. EventBridge waits five seconds for an answer.
struct EventBridgeSetup {
    let name: String
    var label: String { AWSName.label(of: name) }
    let settings: SourceSettings.EventBridge
    let endpoint: String

    private var what: String { "SES to Sesame's source \(name) by way of EventBridge" }
    private var isBasic: Bool { settings.authentication == .basic }

    func text(_ style: AWSSetup.Style) -> String {
        switch style {
        case .cli: shell
        case .cloudformation: template
        case .terraform: terraform
        }
    }

    private var shell: String {
        let parameters =
            isBasic
            ? #"--authorization-type BASIC --auth-parameters "BasicAuthParameters={Username=\#(name),Password=$SESAME_SECRET}""#
            : #"--authorization-type API_KEY --auth-parameters "ApiKeyAuthParameters={ApiKeyName=X-Api-Key,ApiKeyValue=$SESAME_SECRET}""#
        return SetupText.shellHead(what, needsSecret: true) + #"""

            CONNECTION=$(aws events create-connection --name sesame-\#(label) --query ConnectionArn --output text \
                \#(parameters))
            # As JSON: version 1 of the AWS CLI would fetch an address that stands in an option.
            DESTINATION=$(aws events create-api-destination --query ApiDestinationArn --output text --cli-input-json "$(cat <<JSON
            {"Name":"sesame-\#(label)","ConnectionArn":"$CONNECTION","InvocationEndpoint":"\#(endpoint)",
             "HttpMethod":"POST","InvocationRateLimitPerSecond":300}
            JSON
            )")

            RULE=$(aws events put-rule --name sesame-\#(label) --query RuleArn --output text \
                --event-pattern '{"source":["aws.ses"]}')
            ROLE=$(aws iam create-role --role-name sesame-\#(label)-events --query Role.Arn --output text \
                --assume-role-policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sts:AssumeRole"}]}')
            aws iam put-role-policy --role-name sesame-\#(label)-events --policy-name invoke --policy-document "$(cat <<JSON
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"events:InvokeApiDestination","Resource":"$DESTINATION"}]}
            JSON
            )"

            # What could not be delivered within a day waits here for 14 days.
            \#(QueueText.shell("sesame-\(label)-undelivered", from: "events.amazonaws.com", sourceARN: "$RULE"))
            sleep 15
            aws events put-targets --rule sesame-\#(label) --targets "Id=sesame,Arn=$DESTINATION,RoleArn=$ROLE,\
            DeadLetterConfig={Arn=$QUEUE},RetryPolicy={MaximumEventAgeInSeconds=86400,MaximumRetryAttempts=185}"


            """#
            + SetupText.shellEventDestination(
                label,
                "EventBridgeDestination={EventBusArn=arn:$PARTITION:events:$AWS_REGION:$ACCOUNT:event-bus/default}"
            )
    }

    private var template: String {
        let parameters =
            isBasic
            ? "BasicAuthParameters: {Username: \(name), Password: !Ref SesameSecret}"
            : "ApiKeyAuthParameters: {ApiKeyName: X-Api-Key, ApiKeyValue: !Ref SesameSecret}"
        return SetupText.templateHead(what, needsSecret: true) + """
              Connection:
                Type: AWS::Events::Connection
                Properties:
                  AuthorizationType: \(isBasic ? "BASIC" : "API_KEY")
                  AuthParameters:
                    \(parameters)
              Destination:
                Type: AWS::Events::ApiDestination
                Properties:
                  ConnectionArn: !GetAtt Connection.Arn
                  InvocationEndpoint: '\(endpoint)'
                  HttpMethod: POST
                  InvocationRateLimitPerSecond: 300
              Rule:
                Type: AWS::Events::Rule
                Properties:
                  EventPattern: {source: [aws.ses]}
                  Targets:
                    - Id: sesame
                      Arn: !GetAtt Destination.Arn
                      RoleArn: !GetAtt Role.Arn
                      RetryPolicy: {MaximumEventAgeInSeconds: 86400, MaximumRetryAttempts: 185}
                      DeadLetterConfig: {Arn: !GetAtt Undelivered.Arn}
              Role:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: '2012-10-17'
                    Statement:
                      - {Effect: Allow, Principal: {Service: events.amazonaws.com}, Action: 'sts:AssumeRole'}
                  Policies:
                    - PolicyName: invoke
                      PolicyDocument:
                        Version: '2012-10-17'
                        Statement:
                          - {Effect: Allow, Action: 'events:InvokeApiDestination', Resource: !GetAtt Destination.Arn}

            """
            + QueueText.template("Undelivered", from: "events.amazonaws.com", sourceARN: "!GetAtt Rule.Arn")
            + SetupText.templateEventDestination(
                label,
                """
                        EventBridgeDestination:
                          EventBusArn: !Sub 'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default'

                """)
    }
}
