extension S3Setup {
    var terraform: String {
        SetupText.terraformHead(what, region: settings.region) + """
            resource "aws_s3_bucket" "sesame" {
              bucket = "\(settings.bucket)"
            }

            \(terraformQueue)resource "aws_kinesis_firehose_delivery_stream" "sesame" {
              name        = "sesame-\(label)"
              destination = "extended_s3"
              depends_on  = [aws_iam_role_policy.writer]
              extended_s3_configuration {
                role_arn            = aws_iam_role.writer.arn
                bucket_arn          = aws_s3_bucket.sesame.arn
                prefix              = "\(settings.prefix)"
                error_output_prefix = "sesame-errors/"
                buffering_size      = 64
                buffering_interval  = 60
                compression_format  = "GZIP"
              }
            }

            # What Sesame may do; attach it to the user or role by which Sesame signs.
            resource "aws_iam_policy" "reader" {
              name = "sesame-\(label)-reader"
              policy = jsonencode({
                Version = "2012-10-17"
                Statement = [
                  { Effect = "Allow", Action = "s3:ListBucket", Resource = aws_s3_bucket.sesame.arn },
                  { Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.sesame.arn}/\(settings.prefix)*" },
            \(queue == nil ? "" : Self.receive)    ]
              })
            }


            """ + FirehoseRoles.terraform(label) + FirehoseRoles.terraformEventDestination(label)
    }

    private static let receive = """
              {
                Effect   = "Allow"
                Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
                Resource = aws_sqs_queue.sesame.arn
              },

        """

    private var terraformQueue: String {
        guard let queue else { return "" }
        return QueueText.terraform(
            "sesame", name: queue, from: "s3.amazonaws.com", sourceARN: "aws_s3_bucket.sesame.arn",
            visibility: 300)
                + """
                resource "aws_s3_bucket_notification" "sesame" {
                  bucket     = aws_s3_bucket.sesame.id
                  depends_on = [aws_sqs_queue_policy.sesame]
                  queue {
                    queue_arn     = aws_sqs_queue.sesame.arn
                    events        = ["s3:ObjectCreated:*"]
                    filter_prefix = "\(settings.prefix)"
                  }
                }


                """
    }
}
