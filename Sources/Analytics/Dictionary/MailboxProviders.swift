/// Which provider stands behind a recipient's domain.
///
/// Only domains that a provider gives mailboxes under are told; a company's own domain that Google or Microsoft hosts is
/// `Other`, since no event says where it lies.
public enum MailboxProviders {
    /// Domains by provider; a first label alone stands for it under any public suffix: `yahoo` is `yahoo.com` and `yahoo.co.uk`.
    static let table: [(provider: String, domains: [String], labels: [String])] = [
        ("Gmail", ["gmail.com", "googlemail.com"], []),
        ("Microsoft", ["msn.com", "passport.com"], ["outlook", "hotmail", "live", "windowslive"]),
        (
            "Yahoo",
            [
                "aol.com", "aim.com", "ymail.com", "rocketmail.com", "verizon.net", "att.net",
                "sbcglobal.net", "bellsouth.net",
            ], ["yahoo", "aol"]
        ),
        ("Apple", ["icloud.com", "me.com", "mac.com", "privaterelay.appleid.com"], []),
        ("Comcast", ["comcast.net", "xfinity.com"], []),
        ("Proton", ["proton.me", "protonmail.com", "pm.me"], []),
        ("GMX and WEB.DE", ["web.de", "mail.com", "email.de"], ["gmx"]),
        ("Telekom", ["t-online.de", "magenta.de"], []),
        ("Orange", ["orange.fr", "wanadoo.fr"], []),
        ("Free", ["free.fr"], []),
        ("La Poste", ["laposte.net"], []),
        ("Libero", ["libero.it", "virgilio.it", "iol.it"], []),
        ("Yandex", ["ya.ru"], ["yandex"]),
        ("Mail.ru", ["mail.ru", "bk.ru", "inbox.ru", "list.ru"], []),
        ("QQ", ["qq.com", "foxmail.com"], []),
        ("NetEase", ["163.com", "126.com", "yeah.net"], []),
        ("Naver", ["naver.com"], []),
        ("Seznam", ["seznam.cz", "email.cz"], []),
        ("UOL", ["uol.com.br", "bol.com.br"], []),
        ("SES simulator", ["simulator.amazonses.com"], []),
    ]

    /// The provider of a domain in lower case.
    public static func provider(of domain: String) -> String {
        let parts = domain.split(separator: ".", omittingEmptySubsequences: false)
        let isPublicSuffix =
            parts.count == 2 || (parts.count == 3 && ["co", "com"].contains(parts[1]) && parts[2].count == 2)
        for (provider, domains, labels) in table {
            if domains.contains(domain) { return provider }
            if isPublicSuffix, let first = parts.first, labels.contains(String(first)) { return provider }
        }
        return "Other"
    }

    /// The same as SQL over `recipient_domain`; null where that is.
    static let sql: String = {
        let cases = table.map { provider, domains, labels in
            var conditions: [String] = []
            if !domains.isEmpty { conditions.append("recipient_domain IN (\(list(domains)))") }
            if !labels.isEmpty {
                let pattern = #"(\#(labels.joined(separator: "|")))\.([^.]*|com?\.[^.]{2})"#
                conditions.append("regexp_full_match(recipient_domain, '\(pattern)')")
            }
            return "WHEN \(conditions.joined(separator: " OR ")) THEN '\(provider)'"
        }
        return "CASE WHEN recipient_domain IS NULL THEN NULL \(cases.joined(separator: " ")) ELSE 'Other' END"
    }()

    private static func list(_ texts: [String]) -> String { texts.map { "'\($0)'" }.joined(separator: ", ") }
}
