extension EventBridgeSetup {
    var terraform: String {
        let parameters =
            settings.authentication == .basic
            ? "basic {\n      username = \"\(name)\"\n      password = var.sesame_secret\n    }"
            : "api_key {\n      key   = \"X-Api-Key\"\n      value = var.sesame_secret\n    }"
        return SetupText.terraformHead(
            "SES to Sesame's source \(name) by way of EventBridge", needsSecret: true) + """
                resource "aws_cloudwatch_event_connection" "sesame" {
                  name               = "sesame-\(label)"
                  authorization_type = "\(settings.authentication == .basic ? "BASIC" : "API_KEY")"
                  auth_parameters {
                    \(parameters)
                  }
                }

                resource "aws_cloudwatch_event_api_destination" "sesame" {
                  name                             = "sesame-\(label)"
                  connection_arn                   = aws_cloudwatch_event_connection.sesame.arn
                  invocation_endpoint              = "\(endpoint)"
                  http_method                      = "POST"
                  invocation_rate_limit_per_second = 300
                }

                resource "aws_cloudwatch_event_rule" "sesame" {
                  name          = "sesame-\(label)"
                  event_pattern = jsonencode({ source = ["aws.ses"] })
                }

                resource "aws_cloudwatch_event_target" "sesame" {
                  rule     = aws_cloudwatch_event_rule.sesame.name
                  arn      = aws_cloudwatch_event_api_destination.sesame.arn
                  role_arn = aws_iam_role.sesame.arn
                  retry_policy {
                    maximum_event_age_in_seconds = 86400
                    maximum_retry_attempts       = 185
                  }
                  dead_letter_config {
                    arn = aws_sqs_queue.undelivered.arn
                  }
                }

                \(permissions)
                """
            + QueueText.terraform(
                "undelivered", name: "sesame-\(label)-undelivered", from: "events.amazonaws.com",
                sourceARN: "aws_cloudwatch_event_rule.sesame.arn")
            + SetupText.terraformEventDestination(
                label,
                """
                    event_bridge_destination {
                      event_bus_arn = data.aws_cloudwatch_event_bus.default.arn
                    }
                """)
    }

    private var permissions: String {
        """
        resource "aws_iam_role" "sesame" {
          name = "sesame-\(label)-events"
          assume_role_policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Principal = { Service = "events.amazonaws.com" }, Action = "sts:AssumeRole" }]
          })
        }

        resource "aws_iam_role_policy" "sesame" {
          role = aws_iam_role.sesame.id
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect   = "Allow"
              Action   = "events:InvokeApiDestination"
              Resource = aws_cloudwatch_event_api_destination.sesame.arn
            }]
          })
        }

        data "aws_cloudwatch_event_bus" "default" {
          name = "default"
        }


        """
    }
}
