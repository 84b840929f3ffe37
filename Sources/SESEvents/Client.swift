/// What a user agent says of the program behind an open or click.
struct Client {
    enum Kind: String {
        case browser, proxy, scanner
        case mailApp = "mail app"
    }

    var kind: Kind?
    var name: String?
    var operatingSystem: String?
    /// Apple's privacy prefetch sends `Mozilla/5.0` and nothing after it.
    var isBareMozilla = false

    init(userAgent: String) {
        guard !userAgent.isEmpty else { return }
        isBareMozilla = userAgent == "Mozilla/5.0"
        let lower = userAgent.lowercased()
        for (needle, kind, name) in Self.programs where lower.contains(needle) {
            self.kind = kind
            self.name = name
            break
        }
        operatingSystem = Self.systems.first { lower.contains($0.needle) }?.name
    }

    /// The first that occurs names the program, so the special stand before the general.
    private static let programs: [(needle: String, kind: Kind, name: String)] = [
        ("googleimageproxy", .proxy, "Gmail"), ("ggpht.com", .proxy, "Gmail"),
        ("yahoomailproxy", .proxy, "Yahoo"),
        ("barracuda", .scanner, "Barracuda"), ("proofpoint", .scanner, "Proofpoint"),
        ("mimecast", .scanner, "Mimecast"), ("ciscosecureemail", .scanner, "Cisco"),
        ("ironport", .scanner, "Cisco"), ("tmes", .scanner, "Trend Micro"),
        ("trendmicro", .scanner, "Trend Micro"),
        ("symantec", .scanner, "Symantec"), ("messagelabs", .scanner, "Symantec"),
        ("sophos", .scanner, "Sophos"),
        ("forcepoint", .scanner, "Forcepoint"), ("cloudmark", .scanner, "Cloudmark"),
        ("vadesecure", .scanner, "Vade"), ("bingpreview", .scanner, "Bing"),
        ("headlesschrome", .scanner, "Headless Chrome"),
        ("python-requests", .scanner, "Python"), ("go-http-client", .scanner, "Go"),
        ("curl/", .scanner, "curl"),
        ("java/", .scanner, "Java"),
        ("microsoft outlook", .mailApp, "Outlook"), ("ms-office", .scanner, "Microsoft Office"),
        ("msoffice", .scanner, "Microsoft Office"), ("thunderbird", .mailApp, "Thunderbird"),
        ("outlook", .mailApp, "Outlook"), ("edg/", .browser, "Edge"), ("edge/", .browser, "Edge"),
        ("opr/", .browser, "Opera"), ("samsungbrowser", .browser, "Samsung Internet"),
        ("firefox/", .browser, "Firefox"), ("fxios/", .browser, "Firefox"), ("crios/", .browser, "Chrome"),
        ("chrome/", .browser, "Chrome"), ("trident/", .browser, "Internet Explorer"),
        ("version/", .browser, "Safari"), ("applewebkit", .mailApp, "Apple Mail"),
    ]

    private static let systems: [(needle: String, name: String)] = [
        ("iphone", "iOS"), ("ipad", "iPadOS"), ("android", "Android"), ("windows", "Windows"),
        ("mac os x", "macOS"), ("macintosh", "macOS"), ("cros", "ChromeOS"), ("linux", "Linux"),
    ]
}

/// Remembers the clients seen last: millions of events share a few thousand user agents.
final class ClientCache {
    private static let capacity = 8_192
    private var clients: [[UInt8]: Client] = [:]
    private var last: (agent: [UInt8], client: Client)?

    func client(of userAgent: TextSlice?) -> Client {
        guard let userAgent else { return Client(userAgent: "") }
        if let last, last.agent.count == userAgent.count,
            last.agent.withUnsafeBufferPointer({
                memoryEqual($0.baseAddress!, userAgent.base, userAgent.count)
            })
        {
            return last.client
        }
        let key = [UInt8](userAgent.bytes)
        if let known = clients[key] { return known }
        let client = Client(userAgent: userAgent.string)
        if clients.count >= Self.capacity { clients.removeAll(keepingCapacity: true) }
        clients[key] = client
        if !key.isEmpty { last = (key, client) }
        return client
    }
}
