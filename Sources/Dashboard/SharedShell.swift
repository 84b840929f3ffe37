/// What stands around a page that was shared: no other pages, no search, and who shared it until when.
public struct SharedShell: Sendable {
    private let madeBy: String
    private let until: String
    private let csrfToken: String

    /// The shell of a share.
    ///
    /// - Parameters:
    ///   - madeBy: who shared it, as the audit log names them.
    ///   - until: the day on which it ends.
    ///   - csrfToken: what the browser proves with that it was this page that asked.
    public init(madeBy: String, until: String, csrfToken: String) {
        (self.madeBy, self.until, self.csrfToken) = (madeBy, until, csrfToken)
    }

    /// The page.
    public func page(_ title: String, path: String) -> HTML {
        let maker = madeBy.split(separator: ":", maxSplits: 1).last.map(String.init) ?? madeBy
        return .document(
            title,
            head: """
                <meta name="csrf" content="\(csrfToken)">
                <meta name="role" content="guest">
                <link rel="modulepreload" href="/assets/js/main.js">
                <script type="module" src="/assets/js/main.js"></script>
                """,
            body: """
                <a class="skip" href="#content">Skip to the page</a>
                <header class="bar">
                <a class="brand" href="\(path)">Sesame</a>
                <span class="muted">Shared by \(maker), read-only, until \(until)</span>
                <div id="controls"></div>
                <button id="theme" type="button" class="quiet">Theme: system</button>
                <span id="live" class="live away">connecting</span>
                <div id="chips" hidden></div>
                </header>
                <main id="content" class="page" tabindex="-1">
                <h1>\(title)</h1>
                </main>
                <div id="announcer" class="visually-hidden" role="status" aria-live="polite"></div>
                """)
    }
}
