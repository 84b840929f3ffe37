/// The parts of a message's JSON that are the same for the whole campaign, escaped and joined beforehand.
struct CampaignText {
    /// `Example Shop <orders@example.com>`.
    let sender: [UInt8]
    /// The bare address.
    let address: [UInt8]
    /// `"sourceArn":"…"`.
    let sourceARN: [UInt8]
    /// The subject up to and after the message's number.
    let subject: [[UInt8]]
    /// Headers that follow Content-Type.
    let moreHeaders: [UInt8]
    /// Tags before the caller's address, between it and SES's own, and after.
    let tagsHead: [UInt8]
    let tagsMiddle: [UInt8]
    let tagsTail: [UInt8]
    /// The template's name.
    let template: [UInt8]

    /// The imagined account.
    static let account = "123456789012"

    init(_ campaign: Campaign) {
        let stream = campaign.stream
        sender = [UInt8](text: jsonEscaped("\(campaign.sender.display) <\(campaign.sender.address)>"))
        address = [UInt8](text: campaign.sender.address)
        sourceARN = [UInt8](
            text: #""sourceArn":"arn:aws:ses:eu-west-1:\#(Self.account):identity/\#(campaign.domain)""#)
        subject = campaign.subject.split(separator: "#", omittingEmptySubsequences: false).map {
            [UInt8](text: jsonEscaped(String($0)))
        }
        let (caller, operation) =
            switch stream {
            case .transactional: ("shop-backend", campaign.isTemplated ? "SendTemplatedEmail" : "SendEmail")
            case .marketing:
                ("campaign-engine", campaign.isTemplated ? "SendBulkTemplatedEmail" : "SendRawEmail")
            case .newsletter: ("newsletter-smtp", "SendSmtpEmail")
            }
        moreHeaders = [UInt8](text: Self.headers(campaign))
        tagsHead = [UInt8](
            text: #""tags":{"ses:operation":["\#(operation)"],"ses:configuration-set":["\#(stream.name)"],"#
                + #""ses:source-ip":["192.0.2."#)
        tagsMiddle = [UInt8](
            text: #""],"ses:from-domain":["\#(campaign.domain)"],"ses:caller-identity":["\#(caller)"]"#)
        tagsTail = [UInt8](text: #","campaign":["\#(campaign.name)"],"team":["\#(campaign.team)"]}"#)
        template = [UInt8](text: campaign.templateName)
    }

    private static func headers(_ campaign: Campaign) -> String {
        func header(_ name: String, _ value: String) -> String {
            #",{"name":"\#(name)","value":"\#(jsonEscaped(value))"}"#
        }
        switch campaign.stream {
        case .transactional: return ""
        case .marketing:
            return header("X-Campaign", campaign.name)
                + header("List-Unsubscribe", "<https://shop.example.com/unsubscribe>")
        case .newsletter:
            return header("X-SES-CONFIGURATION-SET", campaign.stream.name)
                + header("List-Unsubscribe", "<https://news.example.com/unsubscribe>")
        }
    }
}
