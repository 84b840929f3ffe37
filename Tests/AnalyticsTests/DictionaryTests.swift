import Testing

@testable import Analytics

@Suite("The dictionary of metrics")
struct DictionaryTests {
    @Test("names every metric and dimension once, and none twice")
    func namesAreUnique() {
        let names = Metric.all.map(\.name) + Dimension.all.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test("says of every metric what it is and how it is counted, in whole sentences")
    func isWhole() {
        for metric in Metric.all {
            #expect(metric.meaning.hasSuffix("."), "\(metric.name)")
            #expect(!metric.formula.isEmpty && !metric.title.isEmpty && !metric.sql.isEmpty, "\(metric.name)")
        }
        for dimension in Dimension.all { #expect(dimension.meaning.hasSuffix("."), "\(dimension.name)") }
    }

    @Test("computes metrics of metrics that are there")
    func partsAreThere() {
        for metric in Metric.all {
            #expect(!metric.parts.isEmpty, "\(metric.name)")
            #expect(metric.sample.map { Metric.named($0) != nil } ?? true, "\(metric.name)")
            for name in [metric.numerator, metric.denominator].compactMap(\.self) {
                #expect(Metric.named(name) != nil, "\(name)")
            }
        }
    }

    @Test("has the metrics that deliverability asks for")
    func hasMetrics() {
        let wanted = [
            "sends", "deliveries", "delivery_rate", "hard_bounces", "soft_bounces", "undetermined_bounces",
            "bounce_rate", "complaint_rate", "representative_bounce_rate", "opens", "unique_opens",
            "human_opens",
            "machine_opens", "clicks", "unique_clicks", "human_clicks", "machine_clicks", "open_rate",
            "click_rate",
            "click_to_open_rate", "delay_rate", "open_delays", "time_to_deliver_p50", "time_to_deliver_p90",
            "time_to_deliver_p99", "rejects", "rendering_failures", "unsubscribes", "suppressed", "reach",
            "frequency",
            "intake_completeness",
        ]
        #expect(wanted.filter { Metric.named($0) == nil } == [])
    }

    @Test(
        "knows the provider behind a domain",
        arguments: [
            ("gmail.com", "Gmail"), ("googlemail.com", "Gmail"), ("hotmail.co.uk", "Microsoft"),
            ("outlook.de", "Microsoft"),
            ("yahoo.com.br", "Yahoo"), ("aol.com", "Yahoo"), ("me.com", "Apple"),
            ("gmx.net", "GMX and WEB.DE"),
            ("live.example.com", "Other"), ("notgmail.com", "Other"), ("example.org", "Other"),
        ])
    func provider(domain: String, name: String) {
        #expect(MailboxProviders.provider(of: domain) == name)
    }
}
