/// The forms at the door.
public enum SignInPages {
    /// The form that makes the first owner.
    public static func setup(token: String, email: String = "", name: String = "", problem: String? = nil)
        -> HTML
    {
        .door(
            "Welcome",
            """
            <p>Nobody owns this Sesame yet. Whoever fills this in owns it, and can let others in.</p>
            \(sentence(problem))
            <form method="post" action="/setup">
            <input type="hidden" name="token" value="\(token)">
            <label>Your e-mail address
            <input type="email" name="email" value="\(email)" autocomplete="username" required autofocus></label>
            <label>Your name
            <input name="name" value="\(name)" autocomplete="name" required></label>
            <label>A password of twelve characters or more
            <input type="password" name="password" autocomplete="new-password" minlength="12" required></label>
            <button>Make me the owner</button>
            </form>
            """)
    }

    /// The form of who has a password. `then` is where it leads.
    public static func login(email: String = "", then: String = "/", problem: String? = nil) -> HTML {
        .door(
            "Sign in",
            """
            \(sentence(problem))
            <form method="post" action="/login">
            <input type="hidden" name="then" value="\(then)">
            <label>E-mail address
            <input type="email" name="email" value="\(email)" autocomplete="username" required autofocus></label>
            <label>Password
            <input type="password" name="password" autocomplete="current-password" required></label>
            <button>Sign in</button>
            </form>
            <p class="muted">A forgotten password is set anew on the machine that runs Sesame:
            <code>sesame user set-password you@example.com</code></p>
            """)
    }

    /// What is said to who comes before there is an owner.
    public static let unowned: HTML = .door(
        "Nobody owns this Sesame yet",
        """
        <p>The first owner is made with a link that works once. <code>sesame serve</code> prints one each time it starts;
        on the machine that runs it you can also say <code>sesame user add you@example.com --role owner</code></p>
        """)

    /// What is said of a share link that works no more, or never did.
    public static let deadLink: HTML = .door(
        "This link works no more",
        """
        <p>It has ended, or was copied without its end. Whoever sent it can make another.</p>
        """)

    private static func sentence(_ problem: String?) -> HTML? {
        problem.map {
            "<p class=\"problem\" role=\"alert\">\($0.first.map { String($0).uppercased() } ?? "")\(String($0.dropFirst()))</p>"
        }
    }
}
