/// Where SNS keeps its certificates, and whose they are.
public enum SNSCertificateRules {
    /// Checks a `SigningCertURL`: https, SNS's host in the topic's region and partition, a plain path to a `.pem`.
    public static func validate(url: String, topic: SNSTopic) throws(SNSRefusal) -> SNSServiceURL {
        func refusal(_ fault: String) -> SNSRefusal {
            SNSRefusal(.certificateURL, "SigningCertURL \(fault); the message is not from SNS")
        }
        let parsed: SNSServiceURL
        do { parsed = try SNSServiceURL(url, of: topic) } catch { throw refusal(error.text) }
        guard parsed.query == nil else { throw refusal("has a query") }
        guard parsed.path.hasSuffix(".pem"), parsed.path.utf8.allSatisfy(isPathByte),
            !parsed.path.contains(".."), !parsed.path.contains("//"), parsed.path.utf8.count <= 256
        else { throw refusal("does not lead to a .pem file") }
        return parsed
    }

    /// Checks a `SubscribeURL`: the same host rules, and that it confirms this topic and nothing else.
    public static func validate(subscribeURL url: String, topic: SNSTopic) throws(SNSRefusal) -> SNSServiceURL
    {
        func refusal(_ fault: String) -> SNSRefusal {
            SNSRefusal(.subscribeURL, "SubscribeURL \(fault); it is not followed")
        }
        let parsed: SNSServiceURL
        do { parsed = try SNSServiceURL(url, of: topic) } catch { throw refusal(error.text) }
        let query = SigV4Query(raw: parsed.query ?? "")
        guard parsed.path == "/", query.values("Action") == ["ConfirmSubscription"],
            query.values("TopicArn") == [topic.arn], query.values("Token").count == 1
        else { throw refusal("does not confirm a subscription to \(topic)") }
        return parsed
    }

    /// The names that the certificates of a topic's region bear.
    ///
    /// `sns.amazonaws.com` nearly everywhere; regions that are opted into, China and GovCloud have names of their own (the
    /// list in AWS's SDK for Java 2, `SnsHostProvider`).
    static func names(for topic: SNSTopic) -> Set<String> {
        var names: Set<String> = [
            "sns.amazonaws.com", "sns.\(topic.region).\(topic.domain)",
            "sns-signing.\(topic.region).\(topic.domain)", "sns-\(topic.region).\(topic.domain)",
        ]
        if topic.partition == "aws-us-gov" { names.insert("sns-us-gov-west-1.amazonaws.com") }
        return names
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "/.-_".utf8.contains(byte)
        }
    }
}
