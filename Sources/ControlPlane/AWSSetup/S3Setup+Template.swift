extension S3Setup {
    var template: String {
        SetupText.templateHead(what) + """
              Bucket:
                Type: AWS::S3::Bucket
                DeletionPolicy: Retain
                UpdateReplacePolicy: Retain
            \(queue == nil ? "" : "    DependsOn: QueuePolicy\n")    Properties:
                  BucketName: \(settings.bucket)
            \(notification)\(queueResources)\(reader)
              Stream:
                Type: AWS::KinesisFirehose::DeliveryStream
                DependsOn: WriterPolicy
                Properties:
                  DeliveryStreamType: DirectPut
                  ExtendedS3DestinationConfiguration:
                    RoleARN: !GetAtt WriterRole.Arn
                    BucketARN: !GetAtt Bucket.Arn
                    Prefix: '\(settings.prefix)'
                    ErrorOutputPrefix: sesame-errors/
                    BufferingHints: {SizeInMBs: 64, IntervalInSeconds: 60}
                    CompressionFormat: GZIP

            """ + FirehoseRoles.template + FirehoseRoles.templateEventDestination(label)
    }

    private var notification: String {
        guard queue != nil else { return "" }
        return """
                  NotificationConfiguration:
                    QueueConfigurations:
                      - Event: s3:ObjectCreated:*
                        Queue: !GetAtt Queue.Arn
                        Filter: {S3Key: {Rules: [{Name: prefix, Value: '\(settings.prefix)'}]}}

            """
    }

    /// The policy names the bucket by its name: by reference, bucket and policy would wait for each other.
    private var queueResources: String {
        guard let queue else { return "" }
        return QueueText.template(
            "Queue", name: queue, from: "s3.amazonaws.com",
            sourceARN: "!Sub 'arn:${AWS::Partition}:s3:::\(settings.bucket)'", visibility: 300)
    }

    private var reader: String {
        let receive = """

                      - Effect: Allow
                        Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes']
                        Resource: !GetAtt Queue.Arn
            """
        return """
              # What Sesame may do; attach it to the user or role by which Sesame signs.
              Reader:
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument:
                    Version: '2012-10-17'
                    Statement:
                      - Effect: Allow
                        Action: s3:ListBucket
                        Resource: !GetAtt Bucket.Arn
                      - Effect: Allow
                        Action: s3:GetObject
                        Resource: !Sub '${Bucket.Arn}/\(settings.prefix)*'\(queue == nil ? "" : receive)
            """
    }
}
