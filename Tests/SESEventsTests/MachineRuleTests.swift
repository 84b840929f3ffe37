import Testing

@testable import SESEvents

@Suite("Machine opens and clicks")
struct MachineRuleTests {
    @Test(
        "each rule of the field is named",
        arguments: [
            ("Mozilla/5.0", false, 60.0, true, "apple-privacy-prefetch"),
            (
                "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
                false, 60, false, "gmail-proxy"
            ),
            ("YahooMailProxy; https://help.yahoo.com", false, 60, false, "yahoo-proxy"),
            ("Mozilla/5.0 (compatible; Barracuda Sentinel)", true, 60, true, "scanner"),
            ("python-requests/2.31", true, 60, true, "scanner"),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0", true, 2, true, "click-within-5s-of-send"),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0", true, 6, false, nil),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0", false, 2, false, nil),
        ] as [(String, Bool, Double, Bool, String?)])
    func rules(agent: String, isClick: Bool, seconds: Double, isMachine: Bool, rule: String?) {
        let verdict = MachineRule.classify(
            Client(userAgent: agent), isClick: isClick, microsecondsSinceSend: Int64(seconds * 1_000_000))
        #expect(verdict.isMachine == isMachine)
        #expect(verdict.rule == rule)
    }
}
