import Primitives

/// SES → Firehose stream → S3 bucket, which Sesame reads; and where the source names a queue, S3 → queue for each object.
struct S3Setup {
    let name: String
    var label: String { AWSName.label(of: name) }
    let settings: SourceSettings.S3
    let queue: String?

    init(name: String, settings: SourceSettings.S3) throws(Failure) {
        (self.name, self.settings) = (name, settings)
        guard let url = settings.queueURL else {
            queue = nil
            return
        }
        queue = try SQSSetup.queueName(of: url)
    }

    var what: String { "SES to Sesame's source \(name) by way of the bucket \(settings.bucket)" }

    func text(_ style: AWSSetup.Style) -> String {
        switch style {
        case .cli: shell
        case .cloudformation: template
        case .terraform: terraform
        }
    }

    private var shell: String {
        SetupText.shellHead(what, region: settings.region) + #"""

            BUCKET=\#(settings.bucket)
            # Leave this out if the bucket is there, and the stream too if something writes events there already.
            aws s3 mb "s3://$BUCKET"
            \#(shellQueue)
            # What Sesame may do; attach it to the user or role by which Sesame signs.
            aws iam create-policy --policy-name sesame-\#(label)-reader --policy-document "$(cat <<JSON
            {"Version":"2012-10-17","Statement":[
             {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:$PARTITION:s3:::$BUCKET"},
            \#(queue == nil ? "" : Self.receive) {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:$PARTITION:s3:::$BUCKET/\#(settings.prefix)*"}]}
            JSON
            )"

            \#(FirehoseRoles.shell(label))
            aws firehose create-delivery-stream --delivery-stream-name sesame-\#(label) \
                --delivery-stream-type DirectPut --extended-s3-destination-configuration "$(cat <<JSON
            {"RoleARN":"$WRITER_ROLE","BucketARN":"arn:$PARTITION:s3:::$BUCKET","Prefix":"\#(settings.prefix)",
             "ErrorOutputPrefix":"sesame-errors/","BufferingHints":{"SizeInMBs":64,"IntervalInSeconds":60},
             "CompressionFormat":"GZIP"}
            JSON
            )"

            """#
            + FirehoseRoles.shellEventDestination(label)
    }

    private static let receive =
        " {\"Effect\":\"Allow\",\"Action\":[\"sqs:ReceiveMessage\",\"sqs:DeleteMessage\",\"sqs:ChangeMessageVisibility\",\"sqs:GetQueueAttributes\"],"
        + "\"Resource\":\"$QUEUE\"},\n"

    private var shellQueue: String {
        guard let queue else { return "" }
        return #"""

            \#(QueueText.shell(queue, from: "s3.amazonaws.com", sourceARN: "arn:$PARTITION:s3:::$BUCKET", visibility: 300))
            # This replaces notifications that the bucket may have.
            aws s3api put-bucket-notification-configuration --bucket "$BUCKET" --notification-configuration "$(cat <<JSON
            {"QueueConfigurations":[{"Id":"sesame-\#(label)","QueueArn":"$QUEUE","Events":["s3:ObjectCreated:*"],
             "Filter":{"Key":{"FilterRules":[{"Name":"prefix","Value":"\#(settings.prefix)"}]}}}]}
            JSON
            )"

            """#
    }
}
