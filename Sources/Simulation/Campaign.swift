/// A stream of mail that shares sender, subject and links.
struct Campaign {
    /// The three configuration sets.
    enum Stream: Int, CaseIterable {
        case transactional, marketing, newsletter

        var name: String {
            switch self {
            case .transactional: "transactional"
            case .marketing: "marketing"
            case .newsletter: "newsletter"
            }
        }
    }

    /// A link of the mail, with its `ses:tags` where it has some.
    struct Link {
        var url: [UInt8]
        var tags: [UInt8]?
    }

    var name: String
    var team: String
    var stream: Stream
    /// The sender as mail programs show it, and its bare address.
    var sender: (display: String, address: String)
    /// A `#` stands for the message's own number.
    var subject: String
    /// Rendered by SES from a template, so that the subject is not known at Send.
    var isTemplated = false
    /// Of a million readers of middling interest.
    var opensPerMillion: Int
    /// Of a million opens.
    var clicksPerMillion: Int
    /// Of a million deliveries where complaints come back.
    var complaintsPerMillion: Int
    var links: [Link] = []

    /// The domain of the sender's address.
    var domain: String { String(sender.address.split(separator: "@").last ?? "") }

    /// `order-confirmation` as `OrderConfirmation`.
    var templateName: String {
        name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}

extension Campaign {
    /// Eight links, so that a scanner's sweep over several of them stands out.
    mutating func addLinks() {
        let base = "https://\(stream == .newsletter ? "news" : "shop").example.com"
        let paths: [(path: String, tags: String?)] = [
            ("/\(name)?utm_source=mail&utm_campaign=\(name)", #"{"position":["header"],"kind":["cta"]}"#),
            ("/\(name)/details?utm_source=mail", #"{"position":["body"],"kind":["cta"]}"#),
            ("/account", nil),
            ("/\(name)/item/1?ref=grid", #"{"position":["grid"]}"#),
            ("/\(name)/item/2?ref=grid", #"{"position":["grid"]}"#),
            ("/help", nil),
            ("/social", nil),
            ("/preferences", #"{"position":["footer"],"kind":["unsubscribe","preferences"]}"#),
        ]
        links = paths.map {
            Link(url: [UInt8](text: base + $0.path), tags: $0.tags.map([UInt8].init(text:)))
        }
    }
}
