/// What the texts of several kinds share.
enum SetupText {
    /// The event types as SES's API names them; CloudFormation spells them its own way.
    static let eventTypes = [
        "SEND", "REJECT", "BOUNCE", "COMPLAINT", "DELIVERY", "OPEN", "CLICK", "RENDERING_FAILURE",
        "DELIVERY_DELAY", "SUBSCRIPTION",
    ]

    /// How a script begins: what it needs, and the region and account that it works in.
    static func shellHead(
        _ what: String, region: String? = nil, needsSecret: Bool = false, needsSet: Bool = true
    ) -> String {
        var lines = [
            "#!/bin/sh", "# \(what)", "# A second run stops at the first thing that is there already.",
            "set -eu",
        ]
        if needsSet {
            lines.append(
                #": "${CONFIGURATION_SET:?name the SES configuration set, as in CONFIGURATION_SET=transactional}""#
            )
        }
        if needsSecret {
            lines.append(
                #": "${SESAME_SECRET:?give the secret that Sesame showed when the source was added}""#)
        }
        lines.append("AWS_REGION=\(region ?? "${AWS_REGION:-$(aws configure get region)}")")
        lines.append(#"export AWS_REGION AWS_DEFAULT_REGION="$AWS_REGION""#)
        lines.append("ACCOUNT=$(aws sts get-caller-identity --query Account --output text)")
        lines.append("PARTITION=$(aws sts get-caller-identity --query Arn --output text | cut -d: -f2)")
        lines.append("# JSON within a string of JSON")
        lines.append(#"quoted() { tr -d '\n' | sed 's/"/\\"/g'; }"#)
        return lines.joined(separator: "\n") + "\n"
    }

    /// Tells SES to send all events of the configuration set to a destination, given in the CLI's shorthand.
    static func shellEventDestination(_ name: String, _ destination: String) -> String {
        """
        aws sesv2 create-configuration-set-event-destination --configuration-set-name "$CONFIGURATION_SET" \\
            --event-destination-name sesame-\(name) \\
            --event-destination "Enabled=true,MatchingEventTypes=[\(eventTypes.joined(separator: ","))],\(destination)"

        """
    }

    /// The same as a resource of CloudFormation; `destination` is indented to six spaces.
    static func templateEventDestination(_ name: String, dependsOn: String? = nil, _ destination: String)
        -> String
    {
        let types = [
            "send", "reject", "bounce", "complaint", "delivery", "open", "click", "renderingFailure",
            "deliveryDelay",
            "subscription",
        ]
        let dependency = dependsOn.map { "    DependsOn: \($0)\n" } ?? ""
        return """
              EventDestination:
                Type: AWS::SES::ConfigurationSetEventDestination
            \(dependency)    Properties:
                  ConfigurationSetName: !Ref ConfigurationSet
                  EventDestination:
                    Name: sesame-\(name)
                    Enabled: true
                    MatchingEventTypes: [\(types.joined(separator: ", "))]
            \(destination)
            """
    }

    /// The same as a resource of Terraform.
    static func terraformEventDestination(_ name: String, dependsOn: String? = nil, _ destination: String)
        -> String
    {
        let types = eventTypes.map { "\"\($0)\"" }.joined(separator: ", ")
        let dependency = dependsOn.map { "\n  depends_on = [\($0)]\n" } ?? ""
        return """
            resource "aws_sesv2_configuration_set_event_destination" "sesame" {
              configuration_set_name = var.configuration_set
              event_destination_name = "sesame-\(name)"
              event_destination {
                enabled              = true
                matching_event_types = [\(types)]
            \(destination)
              }
            \(dependency)}

            """
    }

    /// How a template begins.
    static func templateHead(_ what: String, needsSecret: Bool = false, needsSet: Bool = true) -> String {
        var text = "AWSTemplateFormatVersion: '2010-09-09'\nDescription: \(what)\n"
        if needsSet || needsSecret { text += "Parameters:\n" }
        if needsSet {
            text +=
                "  ConfigurationSet:\n    Type: String\n    Description: The SES configuration set whose events are sent\n"
        }
        if needsSecret {
            text +=
                "  SesameSecret:\n    Type: String\n    NoEcho: true\n    Description: The secret that Sesame showed when the source was added\n"
        }
        return text + "Resources:\n"
    }

    /// How a configuration begins.
    static func terraformHead(
        _ what: String, region: String? = nil, needsSecret: Bool = false, needsSet: Bool = true
    ) -> String {
        var text = """
            # \(what)
            terraform {
              required_providers {
                aws = {
                  source  = "hashicorp/aws"
                  version = ">= 5.0"
                }
              }
            }

            provider "aws" {\(region.map { "\n  region = \"\($0)\"\n" } ?? "")}

            data "aws_caller_identity" "current" {}

            """
        if needsSet {
            text +=
                "\nvariable \"configuration_set\" {\n  type        = string\n  description = \"The SES configuration set whose events are sent\"\n}\n"
        }
        if needsSecret {
            text +=
                "\nvariable \"sesame_secret\" {\n  type        = string\n  sensitive   = true\n  description = \"The secret that Sesame showed when the source was added\"\n}\n"
        }
        return text + "\n"
    }
}
