import Primitives

extension GapReport {
    /// What the numbers say, the worst first; one sentence where all is well.
    public var sentences: [String] {
        guard !rows.isEmpty else { return ["No message was sent in this time, as far as the lake knows."] }
        let mails = sum(\.mails)
        let found = [
            finding(
                \.silent, of: mails, "Sends without an outcome for over \(silentHours) h",
                "their deliveries or bounces were lost, or are not subscribed"),
            finding(\.delayedOnly, of: mails, "Sends that were delayed and have no outcome", nil),
            finding(
                \.answeredOnly, of: mails,
                "Sends that were opened, clicked or complained of without a delivery",
                "the Delivery was lost or is not subscribed"),
            finding(
                \.withoutSend, of: sum(\.messages) + sum(\.withoutSend),
                "Messages with events and without a Send",
                "the Send was lost or is not subscribed"),
        ].compactMap { $0 }
        let waiting = sum(\.waiting)
        let rest =
            waiting > 0
            ? ["Sends without an outcome that are younger than \(silentHours) h: \(waiting.grouped)."]
            : []
        guard found.isEmpty else { return found + neverSubscribed + rest }
        return ["Every send has its outcome: \((mails - waiting).grouped) of \(mails.grouped)."]
            + rest
    }

    /// Configuration sets of which a whole kind of event is missing, so that a setting is likelier than a loss.
    private var neverSubscribed: [String] {
        // Fewer may all be lost by chance.
        let enough = 20
        return Dictionary(grouping: rows, by: \.configurationSet).sorted { ($0.key ?? "") < ($1.key ?? "") }
            .flatMap { name, rows -> [String] in
                let total = { (count: KeyPath<Row, Int>) in rows.reduce(0) { $0 + $1[keyPath: count] } }
                let set = name.map { "Configuration set \($0)" } ?? "Mail without a configuration set"
                var found: [String] = []
                if total(\.messages) == 0, total(\.withoutSend) >= enough {
                    found.append("\(set) has no Send at all: let its event destination publish sends.")
                }
                if total(\.silent) >= enough, total(\.withOutcome) == 0 {
                    found.append(
                        "\(set) has no outcome at all: let its event destination publish deliveries, bounces and rejects."
                    )
                }
                return found
            }
    }

    private func finding(_ count: KeyPath<Row, Int>, of total: Int, _ what: String, _ why: String?) -> String?
    {
        let sum = sum(count)
        guard sum > 0, let worst = rows.max(by: { $0[keyPath: count] < $1[keyPath: count] }) else {
            return nil
        }
        let share = total > 0 ? " (\(Self.percent(sum, of: total)))" : ""
        return
            "\(what): \(sum.grouped) of \(total.grouped)\(share), most in \(worst.span) from source "
            + "\(worst.source)" + (why.map { "; \($0)." } ?? ".")
    }

    private func sum(_ count: KeyPath<Row, Int>) -> Int { rows.reduce(0) { $0 + $1[keyPath: count] } }

    /// A share with one decimal; what is more than nothing is not shown as nothing.
    static func percent(_ part: Int, of whole: Int) -> String {
        let thousandths = (part * 1_000 + whole / 2) / whole
        return thousandths == 0 ? "< 0.1 %" : "\(thousandths / 10).\(thousandths % 10) %"
    }
}

extension GapReport.Row {
    /// The hour as `2026-08-02 14:00–15:00`, UTC.
    public var span: String {
        let text = { (time: Timestamp) in time.iso8601.prefix(16).replacing("T", with: " ") }
        return text(hour) + "–" + text(Timestamp(microseconds: hour.microseconds + 3_600_000_000)).suffix(5)
    }
}
