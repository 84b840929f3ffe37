import Primitives
import Testing

@testable import Query

@Suite("What a report of gaps says")
struct GapReportTests {
    private func row(_ hour: Int64, set: String? = "bulk", _ change: (inout GapReport.Row) -> Void)
        -> GapReport.Row
    {
        var row = GapReport.Row(
            hour: Timestamp(microseconds: 1_785_585_600_000_000 + hour * 3_600_000_000), source: "eu-sns",
            configurationSet: set)
        change(&row)
        return row
    }

    private func sentences(_ rows: GapReport.Row...) -> [String] {
        GapReport(silentHours: 6, rows: rows).sentences
    }

    @Test("nothing missing is one sentence; what is young is told apart")
    func complete() {
        #expect(
            sentences(row(0) { ($0.mails, $0.withOutcome) = (12_345, 12_345) })
                == ["Every send has its outcome: 12,345 of 12,345."])
        #expect(
            sentences(row(0) { ($0.mails, $0.withOutcome, $0.waiting) = (10, 8, 2) }) == [
                "Every send has its outcome: 8 of 10.",
                "Sends without an outcome that are younger than 6 h: 2.",
            ])
        #expect(sentences() == ["No message was sent in this time, as far as the lake knows."])
    }

    @Test("silence is told with its share, and where most of it is")
    func silent() {
        #expect(
            sentences(
                row(0) { ($0.mails, $0.withOutcome, $0.silent) = (40_000, 39_996, 4) },
                row(2) { ($0.mails, $0.withOutcome, $0.silent) = (40_322, 39_122, 1_200) }) == [
                    "Sends without an outcome for over 6 h: 1,204 of 80,322 (1.5 %), most in 2026-08-01 14:00–15:00 from source "
                        + "eu-sns; their deliveries or bounces were lost, or are not subscribed."
                ])
        #expect(GapReport.percent(1, of: 1_000_000) == "< 0.1 %")
        #expect(GapReport.percent(3, of: 3) == "100.0 %")
    }

    @Test("a configuration set of which a whole kind is missing is named")
    func subscription() {
        let found = sentences(
            row(0, set: "a") { $0.withoutSend = 25 },
            row(0, set: "b") { ($0.messages, $0.mails, $0.silent) = (25, 25, 25) },
            row(0, set: nil) { ($0.messages, $0.mails, $0.silent) = (2, 2, 2) })
        #expect(
            found.contains("Configuration set a has no Send at all: let its event destination publish sends.")
        )
        #expect(found.contains { $0.hasPrefix("Configuration set b has no outcome at all") })
        #expect(!found.contains { $0.hasPrefix("Mail without") })
    }
}
