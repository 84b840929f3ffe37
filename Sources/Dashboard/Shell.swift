/// What is the same on every page: the bar, the rail, and a place for the page. The page's own module fills it, in the browser.
public struct Shell: Sendable {
    /// Who looks at it.
    public struct Reader: Sendable {
        /// Their address.
        public var email: String
        /// What they may do, in a word.
        public var role: String
        /// What their browser proves with that a change was asked for on one of these pages.
        public var csrfToken: String

        /// A reader.
        public init(email: String, role: String, csrfToken: String) {
            (self.email, self.role, self.csrfToken) = (email, role, csrfToken)
        }
    }

    private let reader: Reader
    private let workspace: String

    /// The shell for a reader of a workspace.
    public init(_ reader: Reader, workspace: String) { (self.reader, self.workspace) = (reader, workspace) }

    /// A page.
    ///
    /// - Parameter content: what the server has to show; where a module fills the page, what is seen until then.
    public func page(_ title: String, path: String, content: HTML? = nil) -> HTML {
        .document(
            title,
            head: """
                <meta name="csrf" content="\(reader.csrfToken)">
                <meta name="role" content="\(reader.role)">
                <link rel="modulepreload" href="/assets/js/main.js">
                <script type="module" src="/assets/js/main.js"></script>
                """,
            body: """
                <a class="skip" href="#content">Skip to the page</a>
                \(bar)
                <div class="frame">
                <nav class="rail" id="rail" aria-label="Pages">
                <ul>
                \(HTML(joining: Section.all.map { link($0, isCurrent: $0.path == path) }))
                </ul>
                \(leave)
                </nav>
                <main id="content" class="page" tabindex="-1">
                <h1>\(title)</h1>
                \(content ?? Self.withoutScripts)
                </main>
                </div>
                <div id="announcer" class="visually-hidden" role="status" aria-live="polite"></div>
                """)
    }

    private static let withoutScripts: HTML = """
        <noscript><p>This page is drawn by scripts of its own, and your browser does not run them. <code>sesame query</code> answers the same
        questions on the command line.</p></noscript>
        """

    private var bar: HTML {
        """
        <header class="bar">
        <button id="rail-button" type="button" class="plain" aria-controls="rail" aria-expanded="false" aria-label="Pages">☰</button>
        <a class="brand" href="/">Sesame <span class="muted">\(workspace)</span></a>
        <form id="search-form" role="search">
        <input id="search" type="search" name="q" placeholder="Search people, messages, subjects" aria-label="Search" autocomplete="off" spellcheck="false">
        <kbd aria-hidden="true">/</kbd>
        </form>
        <div id="controls"></div>
        <span id="live" class="live away">connecting</span>
        <div id="chips" hidden></div>
        </header>
        """
    }

    private var leave: HTML {
        """
        <form method="post" action="/logout" class="leave">
        <input type="hidden" name="csrf" value="\(reader.csrfToken)">
        <span class="muted" title="\(reader.email)">\(reader.email) · \(reader.role)</span>
        <button id="theme" type="button" class="quiet">Theme: system</button>
        <button class="quiet">Sign out</button>
        </form>
        """
    }

    private func link(_ section: Section, isCurrent: Bool) -> HTML {
        let current: HTML = isCurrent ? " aria-current=\"page\"" : ""
        return """
            <li><a href="\(section.path)" data-page="\(section.path)"\(current)>\(section.title)</a></li>
            """
    }
}

extension HTML {
    /// A whole document.
    static func document(_ title: String, head: HTML? = nil, body: HTML) -> HTML {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(title) · Sesame</title>
        <link rel="stylesheet" href="/assets/sesame.css">
        <link rel="icon" href="data:,">
        \(head)
        </head>
        <body>
        \(body)
        </body>
        </html>

        """
    }

    /// A page before the door, for whoever is not signed in.
    static func door(_ title: String, _ body: HTML) -> HTML {
        .document(
            title,
            body: """
                <main class="narrow">
                <h1>\(title)</h1>
                \(body)
                </main>
                """)
    }
}
