/// Programs and networks that open and click. All addresses come from ranges reserved for documentation,
/// benchmarks and shared use, so none is anybody's.
struct ClientCatalog {
    /// What a reader's device says when it loads images and, at the same place, when it follows a link.
    private let readers: [(opens: [UInt8], clicks: [UInt8])]
    private let scanners: [[UInt8]]
    private let previewers: [[UInt8]]
    private let google = [UInt8](
        text: "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)")
    private let yahoo = [UInt8](
        text: "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html")
    private let apple = [UInt8](text: "Mozilla/5.0")

    init() {
        let webKit = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
        let blink = "AppleWebKit/537.36 (KHTML, like Gecko)"
        let iPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) \(webKit)"
        let iPad = "Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) \(webKit)"
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) \(webKit)"
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
        let chrome = "\(windows) \(blink) Chrome/138.0.0.0 Safari/537.36"
        let edge = "\(chrome) Edg/138.0.0.0"
        let firefox = "\(windows.dropLast()); rv:140.0) Gecko/20100101 Firefox/140.0"
        let pixel = "Mozilla/5.0 (Linux; Android 15; Pixel 9) \(blink) Chrome/138.0.0.0 Mobile Safari/537.36"
        let galaxy =
            "Mozilla/5.0 (Linux; Android 14; SM-S921B) \(blink) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile "
            + "Safari/537.36"
        let safari = "Version/18.5 Safari/605.1.15"
        let pairs: [(String, String)] = [
            (iPhone + " Mobile/15E148", iPhone + " Version/18.5 Mobile/15E148 Safari/604.1"),
            (
                iPhone + " Version/18.5 Mobile/15E148 Safari/604.1",
                iPhone + " Version/18.5 Mobile/15E148 Safari/604.1"
            ),
            (iPad + " Mobile/15E148", iPad + " Version/17.6 Mobile/15E148 Safari/604.1"),
            (mac, "\(mac) \(safari)"), ("\(mac) \(safari)", "\(mac) \(safari)"),
            (chrome, chrome), (chrome, chrome), (edge, edge), (firefox, firefox), (pixel, pixel),
            (galaxy, galaxy),
            ("\(windows.dropLast()); Microsoft Outlook 16.0.18827; Pro)", edge),
            ("Outlook-iOS/740.2522.0 (iPhone)", iPhone + " Version/18.5 Mobile/15E148 Safari/604.1"),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.11.0",
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
            ),
        ]
        readers = pairs.map { ([UInt8](text: $0.0), [UInt8](text: $0.1)) }
        scanners = [
            "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))",
            "Mozilla/5.0 (compatible; Proofpoint URL Defense)", "Mimecast-Link-Scanner/2.4",
            "CiscoSecureEmail/15.5", "TMES-URL-Scanner/1.0 (TrendMicro)",
            "Mozilla/5.0 (compatible; Sophos Email)",
            "python-requests/2.32.3", "\(windows) \(blink) HeadlessChrome/126.0.0.0 Safari/537.36",
        ].map([UInt8].init(text:))
        previewers = [
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "\(windows) \(blink) Chrome/103.0.5060.134 Safari/537.36 BingPreview/1.0b",
            "curl/8.9.1",
        ].map([UInt8].init(text:))
    }

    func agent(_ cause: EngagementCause, isClick: Bool, nonce: UInt64) -> [UInt8] {
        switch cause {
        case .reader, .disguisedScanner:
            let reader = readers[Int(nonce % UInt64(readers.count))]
            return isClick ? reader.clicks : reader.opens
        case .gmailProxy: return google
        case .yahooProxy: return yahoo
        case .applePrefetch: return apple
        case .namedScanner: return scanners[Int(nonce % UInt64(scanners.count))]
        case .linkPreview: return previewers[Int(nonce % UInt64(previewers.count))]
        }
    }

    func writeAddress(_ cause: EngagementCause, nonce: UInt64, to line: inout LineBuffer) {
        let bits = RandomSource.mix(nonce ^ 0x6970)
        let (third, fourth) = (Int(bits &>> 8 & 255), Int(bits & 255))
        switch cause {
        case .reader:
            if bits &>> 60 == 0 {
                line.write("2001:db8:")
                line.write(hex: (bits &>> 16 & 0xFFF) | 0x1000, digits: 4)
                line.write("::")
                line.write(hex: (bits & 0xFFF) | 0x1000, digits: 4)
                return
            }
            line.write("100.")
            writeBytes(64 + Int(bits &>> 16 & 63), third, fourth, to: &line)
        case .gmailProxy: write198(18, third & 63, fourth, to: &line)
        case .yahooProxy: write198(18, 64 + third & 63, fourth, to: &line)
        case .applePrefetch: write198(18, 128 + third & 127, fourth, to: &line)
        case .namedScanner, .disguisedScanner: write198(19, third & 7, fourth & 31, to: &line)
        case .linkPreview:
            line.write("203.")
            writeBytes(0, 113, fourth, to: &line)
        }
    }

    private func write198(_ second: Int, _ third: Int, _ fourth: Int, to line: inout LineBuffer) {
        line.write("198.")
        writeBytes(second, third, fourth, to: &line)
    }

    private func writeBytes(_ second: Int, _ third: Int, _ fourth: Int, to line: inout LineBuffer) {
        line.write(number: second)
        line.write(byte: UInt8(ascii: "."))
        line.write(number: third)
        line.write(byte: UInt8(ascii: "."))
        line.write(number: fourth)
    }
}
