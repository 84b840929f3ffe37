/// All campaigns of the imagined sender, in the order of their streams.
enum CampaignCatalog {
    static func all() -> [Campaign] {
        (transactional() + marketing() + newsletters()).map { campaign in
            var linked = campaign
            linked.addLinks()
            return linked
        }
    }

    private static func transactional() -> [Campaign] {
        let shop = ("Example Shop", "orders@example.com")
        let service = ("Example Service", "no-reply@service.example.org")
        return [
            campaign("order-confirmation", "checkout", shop, "Your order #", templated: true, opens: 720),
            campaign("shipping-notice", "logistics", shop, "Order # is on its way 📦", opens: 680),
            campaign(
                "invoice", "billing", ("Example Billing", "billing@example.com"), "Invoice #", opens: 540),
            campaign(
                "password-reset", "identity", service, "Reset your password", templated: true, opens: 800),
            campaign("sign-in-code", "identity", service, "Your sign-in code", opens: 850, clicks: 20),
            campaign("welcome", "growth", shop, "Welcome to Example Shop, glad you're here", opens: 600),
        ]
    }

    private static func campaign(
        _ name: String, _ team: String, _ sender: (String, String), _ subject: String,
        templated: Bool = false,
        opens: Int, clicks: Int = 260
    ) -> Campaign {
        Campaign(
            name: name, team: team, stream: .transactional, sender: sender, subject: subject,
            isTemplated: templated, opensPerMillion: opens * 1_000, clicksPerMillion: clicks * 1_000,
            complaintsPerMillion: 120)
    }

    private static func marketing() -> [Campaign] {
        let list: [(name: String, subject: String, opens: Int, clicks: Int, complaints: Int)] = [
            ("summer-sale", "Summer sale: up to 40 % off ☀️", 380, 190, 900),
            ("new-arrivals", "New arrivals, picked for you", 330, 170, 700),
            ("win-back", "We miss you – come back for 15 % off", 160, 60, 6_000),
            ("loyalty-points", "Your points expire soon", 450, 240, 400),
            ("flash-deal", "⚡ 24 hours only", 360, 210, 1_400),
            ("birthday", "Alles Gute zum Geburtstag! 🎂", 560, 300, 150),
            ("abandoned-cart", "You left something behind", 470, 280, 500),
            ("referral", "Invite a friend, \"10 € for both\"", 290, 120, 800),
            ("autumn-preview", "Vorschau: die neue Herbstmode für Sie", 340, 160, 700),
            ("survey", "Two questions, one minute", 260, 140, 600),
        ]
        return list.enumerated().map { place, entry in
            Campaign(
                name: entry.name, team: place % 2 == 0 ? "growth" : "lifecycle", stream: .marketing,
                sender: ("Example Offers", "offers@mail.example.com"), subject: entry.subject,
                isTemplated: place % 3 == 0, opensPerMillion: entry.opens * 1_000,
                clicksPerMillion: entry.clicks * 1_000, complaintsPerMillion: entry.complaints * 2)
        }
    }

    private static func newsletters() -> [Campaign] {
        let list: [(name: String, subject: String, opens: Int, clicks: Int)] = [
            ("weekly-digest", "Your weekly digest", 420, 180),
            ("daily-brief", "The morning brief ☕", 510, 150),
            ("product-news", "Que há de novo: product news", 370, 200),
            ("community", "コミュニティ: what members made this week", 330, 130),
        ]
        return list.map { entry in
            Campaign(
                name: entry.name, team: "editorial", stream: .newsletter,
                sender: ("Example News", "letters@news.example.net"), subject: entry.subject,
                opensPerMillion: entry.opens * 1_000, clicksPerMillion: entry.clicks * 1_000,
                complaintsPerMillion: 700)
        }
    }
}
