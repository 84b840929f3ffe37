import ArgumentParser
import ControlPlane

extension UserCommand {
    struct SetPassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-password", abstract: "Give a user another password and end their sessions.")
        @OptionGroup var options: HomeOptions
        @OptionGroup var password: PasswordOptions
        @Argument(help: "Their e-mail address.") var email: String

        func run() async throws {
            let control = try await options.openControl()
            try await control.setPassword(of: email, to: password.password(), by: options.actor)
            print("\(email) has a new password; their sessions have ended")
        }
    }

    struct SetRole: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-role", abstract: "Give a user another role.")
        @OptionGroup var options: HomeOptions
        @Argument(help: "Their e-mail address.") var email: String
        @Argument(help: "viewer, analyst, admin or owner.") var role: Role

        func run() async throws {
            try await options.openControl().setRole(of: email, to: role, by: options.actor)
            print("\(email) is \(role.rawValue)")
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep a user from signing in and end their sessions.")
        @OptionGroup var options: HomeOptions
        @Argument(help: "Their e-mail address.") var email: String

        func run() async throws {
            try await options.openControl().setUser(email, disabled: true, by: options.actor)
            print("\(email) can sign in no more")
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a disabled user sign in again.")
        @OptionGroup var options: HomeOptions
        @Argument(help: "Their e-mail address.") var email: String

        func run() async throws {
            try await options.openControl().setUser(email, disabled: false, by: options.actor)
            print("\(email) can sign in again")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a user for good; what they did stays in the audit log.")
        @OptionGroup var options: HomeOptions
        @Argument(help: "Their e-mail address.") var email: String

        func run() async throws {
            try await options.openControl().removeUser(email, by: options.actor)
            print("\(email) is gone")
        }
    }
}
