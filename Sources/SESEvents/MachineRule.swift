/// Tells the opens and clicks that machines make from those of people. SES gives no such flag.
///
/// A rule looks at one event and no other, so the answer never depends on the order in which events arrive. Counts of
/// all opens and clicks stay as they are; reports show people and machines side by side.
enum MachineRule {
    struct Verdict {
        var isMachine: Bool
        var rule: String?
    }

    /// A click sooner than this after the send request, and so after the delivery, is too fast for a person.
    static let fastestPerson: Int64 = 5_000_000

    static func classify(_ client: Client, isClick: Bool, microsecondsSinceSend: Int64?) -> Verdict {
        switch client.kind {
        case .scanner: return Verdict(isMachine: true, rule: "scanner")
        // Fetched when the reader opens, mostly: a person, whose address and device stay hidden.
        case .proxy:
            return Verdict(isMachine: false, rule: client.name == "Gmail" ? "gmail-proxy" : "yahoo-proxy")
        default: break
        }
        if !isClick, client.isBareMozilla { return Verdict(isMachine: true, rule: "apple-privacy-prefetch") }
        if isClick, let elapsed = microsecondsSinceSend, (0..<fastestPerson).contains(elapsed) {
            return Verdict(isMachine: true, rule: "click-within-5s-of-send")
        }
        return Verdict(isMachine: false, rule: nil)
    }
}
