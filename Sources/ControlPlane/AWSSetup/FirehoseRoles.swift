/// The two roles of a Firehose stream for SES: the stream's, which writes to the bucket, and SES's, which writes to the
/// stream. Names as the texts around them have them: bucket, stream, writer and sender.
enum FirehoseRoles {
    static func shell(_ name: String) -> String {
        #"""
        # The stream writes to the bucket, SES writes to the stream.
        WRITER_ROLE=$(aws iam create-role --role-name sesame-\#(name)-stream --query Role.Arn --output text \
            --assume-role-policy-document '\#(trust("firehose.amazonaws.com"))')
        aws iam put-role-policy --role-name sesame-\#(name)-stream --policy-name bucket --policy-document "$(cat <<JSON
        {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
         "Action":["s3:AbortMultipartUpload","s3:GetBucketLocation","s3:GetObject","s3:ListBucket","s3:ListBucketMultipartUploads","s3:PutObject"],
         "Resource":["arn:$PARTITION:s3:::$BUCKET","arn:$PARTITION:s3:::$BUCKET/*"]}]}
        JSON
        )"
        SENDER_ROLE=$(aws iam create-role --role-name sesame-\#(name)-ses --query Role.Arn --output text \
            --assume-role-policy-document '\#(trust("ses.amazonaws.com"))')
        STREAM="arn:$PARTITION:firehose:$AWS_REGION:$ACCOUNT:deliverystream/sesame-\#(name)"
        aws iam put-role-policy --role-name sesame-\#(name)-ses --policy-name stream --policy-document "$(cat <<JSON
        {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
         "Action":["firehose:PutRecord","firehose:PutRecordBatch"],"Resource":"$STREAM"}]}
        JSON
        )"
        # A role can be used some seconds after it was made.
        sleep 15
        """#
    }

    static func shellEventDestination(_ name: String) -> String {
        #"""
        while [ "$(aws firehose describe-delivery-stream --delivery-stream-name sesame-\#(name) \
            --query DeliveryStreamDescription.DeliveryStreamStatus --output text)" = CREATING ]; do sleep 5; done

        """#
            + SetupText.shellEventDestination(
                name, "KinesisFirehoseDestination={IamRoleArn=$SENDER_ROLE,DeliveryStreamArn=$STREAM}")
    }

    private static func trust(_ service: String) -> String {
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"\#(service)"},"Action":"sts:AssumeRole"}]}"#
    }

    /// `DependsOn` the policies: a role without them fails the stream or the destination.
    static let template = """
          WriterRole:
            Type: AWS::IAM::Role
            Properties:
              AssumeRolePolicyDocument:
                Version: '2012-10-17'
                Statement:
                  - {Effect: Allow, Principal: {Service: firehose.amazonaws.com}, Action: 'sts:AssumeRole'}
          WriterPolicy:
            Type: AWS::IAM::RolePolicy
            Properties:
              RoleName: !Ref WriterRole
              PolicyName: bucket
              PolicyDocument:
                Version: '2012-10-17'
                Statement:
                  - Effect: Allow
                    Action:
                      - s3:AbortMultipartUpload
                      - s3:GetBucketLocation
                      - s3:GetObject
                      - s3:ListBucket
                      - s3:ListBucketMultipartUploads
                      - s3:PutObject
                    Resource: [!GetAtt Bucket.Arn, !Sub '${Bucket.Arn}/*']
          SenderRole:
            Type: AWS::IAM::Role
            Properties:
              AssumeRolePolicyDocument:
                Version: '2012-10-17'
                Statement:
                  - Effect: Allow
                    Principal: {Service: ses.amazonaws.com}
                    Action: sts:AssumeRole
                    Condition: {StringEquals: {'AWS:SourceAccount': !Ref 'AWS::AccountId'}}
          SenderPolicy:
            Type: AWS::IAM::RolePolicy
            Properties:
              RoleName: !Ref SenderRole
              PolicyName: stream
              PolicyDocument:
                Version: '2012-10-17'
                Statement:
                  - Effect: Allow
                    Action: ['firehose:PutRecord', 'firehose:PutRecordBatch']
                    Resource: !GetAtt Stream.Arn

        """

    static func templateEventDestination(_ name: String) -> String {
        SetupText.templateEventDestination(
            name, dependsOn: "SenderPolicy",
            """
                    KinesisFirehoseDestination:
                      IAMRoleARN: !GetAtt SenderRole.Arn
                      DeliveryStreamARN: !GetAtt Stream.Arn

            """)
    }

    static func terraform(_ name: String) -> String {
        role("writer", "sesame-\(name)-stream", "firehose.amazonaws.com")
            + policy(
                "writer",
                actions: [
                    "s3:AbortMultipartUpload", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket",
                    "s3:ListBucketMultipartUploads", "s3:PutObject",
                ], on: #"[aws_s3_bucket.sesame.arn, "${aws_s3_bucket.sesame.arn}/*"]"#)
            + role("sender", "sesame-\(name)-ses", "ses.amazonaws.com")
            + policy(
                "sender", actions: ["firehose:PutRecord", "firehose:PutRecordBatch"],
                on: "aws_kinesis_firehose_delivery_stream.sesame.arn")
    }

    static func terraformEventDestination(_ name: String) -> String {
        SetupText.terraformEventDestination(
            name, dependsOn: "aws_iam_role_policy.sender",
            """
                kinesis_firehose_destination {
                  delivery_stream_arn = aws_kinesis_firehose_delivery_stream.sesame.arn
                  iam_role_arn        = aws_iam_role.sender.arn
                }
            """)
    }

    private static func role(_ label: String, _ name: String, _ service: String) -> String {
        """
        resource "aws_iam_role" "\(label)" {
          name = "\(name)"
          assume_role_policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Principal = { Service = "\(service)" }, Action = "sts:AssumeRole" }]
          })
        }


        """
    }

    private static func policy(_ label: String, actions: [String], on resource: String) -> String {
        """
        resource "aws_iam_role_policy" "\(label)" {
          role = aws_iam_role.\(label).id
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect   = "Allow"
              Action   = [\(actions.map { "\"\($0)\"" }.joined(separator: ", "))]
              Resource = \(resource)
            }]
          })
        }


        """
    }
}
