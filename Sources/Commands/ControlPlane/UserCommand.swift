import ArgumentParser
import ControlPlane
import Primitives

extension Role: ExpressibleByArgument {}

/// `sesame user`: the people who sign in to the web page.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Manage the people who sign in to the web page.",
        subcommands: [
            Add.self, List.self, SetPassword.self, SetRole.self, Disable.self, Enable.self, Remove.self,
        ],
        defaultSubcommand: List.self)

    /// Where a new password comes from.
    struct PasswordOptions: ParsableArguments {
        @Option(help: "A file whose first line is the password; - is standard input (default: ask).")
        var passwordFile: String?

        func password() async throws -> String {
            if let passwordFile { return try secretText(inFile: passwordFile) }
            return try await PasswordPrompt().readTwice()
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a user.",
            discussion:
                "viewer looks, analyst asks in SQL too, admin manages sources and tokens, owner also users.")
        @OptionGroup var options: HomeOptions
        @OptionGroup var password: PasswordOptions
        @Option(help: "viewer, analyst, admin or owner.") var role = Role.viewer
        @Option(help: "What they are called (default: the address's part before the @).") var name: String?
        @Argument(help: "Their e-mail address.") var email: String

        func run() async throws {
            let control = try await options.makeControl()
            let user = try await control.addUser(
                email: email, name: name ?? String(email.prefix { $0 != "@" }), role: role,
                password: password.password(), by: options.actor)
            print("\(user.email) is \(user.role.rawValue)")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the users.")
        @OptionGroup var options: HomeOptions
        @Option(help: "table, json or csv.") var format = AnswerFormat.table

        func run() async throws {
            let users = try await options.openControl().users()
            let columns = ["email", "name", "role", "state", "created_at"]
            guard format == .table else {
                let rows = users.map { user -> [AnswerRows.Cell] in
                    [
                        .text(user.email), .text(user.name), .text(user.role.rawValue), .text(user.state),
                        .text(user.createdAt.iso8601),
                    ]
                }
                return AnswerRows(columns: columns, rows: rows).print(format)
            }
            guard !users.isEmpty else {
                print("there are no users yet; make one with: sesame user add you@example.com --role owner")
                return
            }
            var table = TextTable("email", "name", "role", "state", "added")
            for user in users {
                table.add([user.email, user.name, user.role.rawValue, user.state, user.createdAt.minuteText])
            }
            for line in table.lines { print(line) }
        }
    }
}
