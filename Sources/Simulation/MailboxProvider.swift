/// Who runs a recipient's mailbox; decides latency, replies, machines and feedback.
enum MailboxProvider: UInt8, CaseIterable {
    case gmail, yahoo, outlook, icloud, corporate

    /// From send to acceptance, in milliseconds: quantiles of equal weight.
    var latency: [Int64] {
        switch self {
        case .gmail: [380, 520, 640, 760, 900, 1_100, 1_400, 1_900, 3_000, 9_000]
        case .yahoo: [600, 900, 1_200, 1_500, 1_900, 2_500, 3_400, 5_200, 9_000, 45_000]
        case .outlook: [900, 1_300, 1_700, 2_200, 2_800, 3_600, 5_000, 8_000, 15_000, 60_000]
        case .icloud: [700, 950, 1_150, 1_400, 1_700, 2_100, 2_800, 4_000, 7_000, 20_000]
        case .corporate: [450, 900, 1_500, 2_400, 3_800, 6_000, 10_000, 18_000, 40_000, 180_000]
        }
    }

    /// How many readers of a million use Apple Mail with its privacy protection, which fetches images unasked.
    var applePrivacyShare: Int {
        switch self {
        case .gmail: 240_000
        case .yahoo: 220_000
        case .outlook: 150_000
        case .icloud: 850_000
        case .corporate: 140_000
        }
    }

    /// Whether complaints come back to the sender: Gmail and iCloud send SES none.
    var hasFeedbackLoop: Bool {
        switch self {
        case .gmail, .icloud: false
        case .yahoo, .outlook, .corporate: true
        }
    }
}

/// A recipient domain and what it implies.
struct RecipientDomain {
    var name: String
    var provider: MailboxProvider
    /// Whether a security gateway follows links on arrival.
    var hasGateway: Bool
    /// `@name`, as it ends an address.
    var suffix: [UInt8]

    init(_ name: String, _ provider: MailboxProvider, hasGateway: Bool = false) {
        self.name = name
        self.provider = provider
        self.hasGateway = hasGateway
        suffix = [UInt8](text: "@\(name)")
    }
}

/// All domains, large providers first, then a long tail of companies under names reserved for examples.
struct DomainDirectory {
    let domains: [RecipientDomain]
    /// Per mille of recipients up to and including the domain of the same place.
    private static let large: [(upTo: Int, name: String, provider: MailboxProvider)] = [
        (390, "gmail.com", .gmail), (400, "googlemail.com", .gmail),
        (520, "yahoo.com", .yahoo), (550, "yahoo.co.uk", .yahoo),
        (640, "outlook.com", .outlook), (720, "hotmail.com", .outlook), (730, "live.com", .outlook),
        (795, "icloud.com", .icloud), (810, "me.com", .icloud),
    ]

    init() {
        let first = [
            "north", "river", "bright", "stone", "green", "silver", "blue", "harbor", "summit", "oak",
            "swift", "clear", "iron", "maple", "golden", "lake", "red", "quiet", "high", "new",
        ]
        let second = [
            "works", "labs", "trade", "foods", "clinic", "school", "logistics", "bank", "media", "energy",
            "motors", "legal", "studio", "travel", "homes", "systems", "textiles", "press", "optics", "farms",
        ]
        let endings = ["example", "example.com", "example.net", "example.org"]
        var all = Self.large.map { RecipientDomain($0.name, $0.provider) }
        for place in 0..<400 {
            let name = "\(first[place * 7 % 20])\(second[(place / 20 + place) % 20]).\(endings[place % 4])"
            all.append(RecipientDomain(name, .corporate, hasGateway: place % 10 < 6))
        }
        domains = all
    }

    /// The domain of a recipient with this hash.
    func domain(for hash: UInt64) -> Int {
        let share = Int(hash % 1_000)
        for (place, large) in Self.large.enumerated() where share < large.upTo { return place }
        // The square crowds recipients into the first companies, as in life.
        let unit = Int((hash &>> 20) % 1_000)
        return Self.large.count + unit * unit * (domains.count - Self.large.count) / 1_000_000
    }
}
