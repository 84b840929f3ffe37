import ArgumentParser
import ControlPlane
import Primitives

extension APIToken.Scope: ExpressibleByArgument {}

/// `sesame token`: tokens that open the API.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make and revoke tokens that open the API.",
        subcommands: [Add.self, List.self, Revoke.self],
        defaultSubcommand: List.self)

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a token; it is shown once.")
        @OptionGroup var options: HomeOptions
        @Option(help: "What it allows: ingest, read or admin; give it again for more.") var scope:
            [APIToken.Scope]
        @Option(help: "The workspace that it opens.") var workspace = Workspace.defaultName
        @Option(help: "Days after which it stops working (default: never).") var expires: Int?
        @Option(help: "table, json or csv.") var format = AnswerFormat.table
        @Argument(help: "What to call it.") var name: String

        func validate() throws {
            guard !scope.isEmpty else { throw ValidationError("give --scope ingest, read or admin") }
            guard (1...36_500).contains(expires ?? 1) else {
                throw ValidationError("--expires must be 1 to 36500 days")
            }
        }

        func run() async throws {
            let control = try await options.makeControl()
            let now = Timestamp.now
            let end = expires.map { Timestamp(microseconds: now.microseconds + Int64($0) * 86_400_000_000) }
            let (secret, token) = try await control.addToken(
                name, scopes: Set(scope), workspace: workspace, expiresAt: end, by: options.actor, at: now)
            printFields(token.fields + [("token", .text(secret.text))], as: format)
            if format == .table { print("\nThe token is not shown again.") }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the tokens, the newest first.")
        @OptionGroup var options: HomeOptions
        @Option(help: "table, json or csv.") var format = AnswerFormat.table

        func run() async throws {
            let tokens = try await options.openControl().tokens()
            guard format == .table else {
                return AnswerRows(
                    columns: tokens.first?.fields.map(\.name) ?? [],
                    rows: tokens.map { $0.fields.map(\.cell) }
                ).print(format)
            }
            guard !tokens.isEmpty else {
                print("there are no tokens yet; make one with: sesame token add NAME --scope read")
                return
            }
            var table = TextTable("id", "name", "scopes", "workspace", "state", "expires", "last used")
            for token in tokens {
                table.add([
                    "\(token.id)", token.name, token.words.joined(separator: " "), token.workspace,
                    token.state,
                    token.expiresAt?.minuteText ?? "never", token.lastUsedAt?.minuteText ?? "never",
                ])
            }
            for line in table.lines { print(line) }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop a token from working, for good.")
        @OptionGroup var options: HomeOptions
        @Argument(help: "Its number, as `sesame token list` shows it.") var id: Int64

        func run() async throws {
            try await options.openControl().revokeToken(id, by: options.actor)
            print("token \(id) is revoked")
        }
    }
}

extension APIToken {
    fileprivate var words: [String] { scopes.sorted().map(\.rawValue) }

    fileprivate var fields: [(name: String, cell: AnswerRows.Cell)] {
        [
            ("id", .number(Double(id))), ("name", .text(name)), ("scopes", .list(words)),
            ("workspace", .text(workspace)), ("state", .text(state)),
            ("created_at", .text(createdAt.iso8601)),
            ("expires_at", .text(expiresAt?.iso8601)), ("last_used_at", .text(lastUsedAt?.iso8601)),
        ]
    }
}
