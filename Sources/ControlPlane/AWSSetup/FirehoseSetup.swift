/// SES → Firehose stream → HTTP endpoint, with a bucket for what could not be delivered within two hours.
struct FirehoseSetup {
    let name: String
    private var label: String { AWSName.label(of: name) }
    let endpoint: String

    private var what: String { "SES to Sesame's source \(name) by way of a Firehose stream" }

    func text(_ style: AWSSetup.Style) -> String {
        switch style {
        case .cli: shell
        case .cloudformation: template
        case .terraform: terraform
        }
    }

    private var shell: String {
        SetupText.shellHead(what, needsSecret: true) + #"""

            BUCKET="sesame-\#(label)-undelivered-$ACCOUNT"
            aws s3 mb "s3://$BUCKET"

            \#(FirehoseRoles.shell(label))
            aws firehose create-delivery-stream --delivery-stream-name sesame-\#(label) \
                --delivery-stream-type DirectPut --http-endpoint-destination-configuration "$(cat <<JSON
            {"EndpointConfiguration":{"Url":"\#(endpoint)","Name":"Sesame","AccessKey":"$SESAME_SECRET"},
             "RequestConfiguration":{"ContentEncoding":"GZIP"},
             "BufferingHints":{"SizeInMBs":4,"IntervalInSeconds":5},"RetryOptions":{"DurationInSeconds":7200},
             "RoleARN":"$WRITER_ROLE","S3BackupMode":"FailedDataOnly",
             "S3Configuration":{"RoleARN":"$WRITER_ROLE","BucketARN":"arn:$PARTITION:s3:::$BUCKET","CompressionFormat":"GZIP"}}
            JSON
            )"


            """#
            + FirehoseRoles.shellEventDestination(label)
    }

    private var template: String {
        SetupText.templateHead(what, needsSecret: true) + """
              Bucket:
                Type: AWS::S3::Bucket
                DeletionPolicy: Retain
                UpdateReplacePolicy: Retain
              Stream:
                Type: AWS::KinesisFirehose::DeliveryStream
                DependsOn: WriterPolicy
                Properties:
                  DeliveryStreamType: DirectPut
                  HttpEndpointDestinationConfiguration:
                    EndpointConfiguration:
                      Url: '\(endpoint)'
                      Name: Sesame
                      AccessKey: !Ref SesameSecret
                    RequestConfiguration: {ContentEncoding: GZIP}
                    BufferingHints: {SizeInMBs: 4, IntervalInSeconds: 5}
                    RetryOptions: {DurationInSeconds: 7200}
                    RoleARN: !GetAtt WriterRole.Arn
                    S3BackupMode: FailedDataOnly
                    S3Configuration:
                      RoleARN: !GetAtt WriterRole.Arn
                      BucketARN: !GetAtt Bucket.Arn
                      CompressionFormat: GZIP

            """ + FirehoseRoles.template + FirehoseRoles.templateEventDestination(label)
    }

    private var terraform: String {
        SetupText.terraformHead(what, needsSecret: true) + """
            resource "aws_s3_bucket" "sesame" {
              bucket_prefix = "sesame-undelivered-"
            }

            resource "aws_kinesis_firehose_delivery_stream" "sesame" {
              name        = "sesame-\(label)"
              destination = "http_endpoint"
              depends_on  = [aws_iam_role_policy.writer]
              http_endpoint_configuration {
                url                = "\(endpoint)"
                name               = "Sesame"
                access_key         = var.sesame_secret
                buffering_size     = 4
                buffering_interval = 5
                retry_duration     = 7200
                role_arn           = aws_iam_role.writer.arn
                s3_backup_mode     = "FailedDataOnly"
                request_configuration {
                  content_encoding = "GZIP"
                }
                s3_configuration {
                  role_arn           = aws_iam_role.writer.arn
                  bucket_arn         = aws_s3_bucket.sesame.arn
                  compression_format = "GZIP"
                }
              }
            }


            """ + FirehoseRoles.terraform(label) + FirehoseRoles.terraformEventDestination(label)
    }
}
