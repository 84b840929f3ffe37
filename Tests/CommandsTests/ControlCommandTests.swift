import ArgumentParser
import ControlPlane
import Testing

@testable import Commands

@Suite("source, token and user on the command line")
struct ControlCommandTests {
    private func parse<Command>(_ line: String, as type: Command.Type) throws -> Command {
        try #require(try Sesame.parseAsRoot(line.split(separator: " ").map(String.init)) as? Command)
    }

    @Test("source add takes the settings of its kind")
    func add() throws {
        let topic = "arn:aws:sns:eu-west-1:123456789012:ses-events"
        let sns = try parse(
            "source add shop --kind sns --raw --topic-arn \(topic)", as: SourceCommand.Add.self)
        #expect(sns.name == "shop" && sns.workspace == "default")
        #expect(
            try sns.settings.settings(of: sns.kind)
                == .sns(.init(topicARNs: [topic], allowsRawDelivery: true)))
        let s3 = try parse(
            "source add b --kind s3 --bucket my-events --region eu-west-1 --access-key-id AKIAEXAMPLEKEYID0001",
            as: SourceCommand.Add.self)
        #expect(
            try s3.settings.settings(of: s3.kind)
                == .s3(
                    .init(
                        bucket: "my-events", region: "eu-west-1",
                        credentials: .accessKey(id: "AKIAEXAMPLEKEYID0001"))))
        #expect(
            try parse("source add f --kind firehose-api", as: SourceCommand.Add.self).kind == .firehoseAPI)
    }

    @Test(
        "what does not fit together is refused before anything is done",
        arguments: [
            "source add shop", "source add shop --kind smoke", "source add shop --kind http --bucket b",
            "source add shop --kind sqs --queue-url https://x/1/q",
            "source add shop --kind s3 --region eu-west-1",
            "source rotate shop --grace -1", "source setup shop --as ansible", "token add ci",
            "token add ci --scope everything", "token add ci --scope read --expires 0", "token revoke one",
            "user add a@example.com --role king", "user set-role a@example.com", "source remove",
        ])
    func misuse(_ line: String) {
        #expect(throws: (any Error).self) {
            _ = try Sesame.parseAsRoot(line.split(separator: " ").map(String.init))
        }
    }

    @Test("the rest parses")
    func others() throws {
        #expect(try parse("source", as: SourceCommand.List.self).format == .table)
        #expect(try parse("source show shop --format json", as: SourceCommand.Show.self).format == .json)
        let setup = try parse(
            "source setup shop --as terraform --url https://x.example", as: SourceCommand.Setup.self)
        #expect(setup.style == .terraform && setup.url == "https://x.example")
        #expect(try parse("source rotate shop --grace 0", as: SourceCommand.Rotate.self).grace == 0)
        #expect(try parse("source remove shop", as: SourceCommand.Remove.self).name == "shop")
        let token = try parse(
            "token add ci --scope read --scope ingest --expires 30", as: TokenCommand.Add.self)
        #expect(token.scope == [.read, .ingest] && token.expires == 30)
        #expect(try parse("token revoke 7", as: TokenCommand.Revoke.self).id == 7)
        #expect(try parse("user add a@example.com --role owner", as: UserCommand.Add.self).role == .owner)
        let change = try parse(
            "user set-password a@example.com --password-file -", as: UserCommand.SetPassword.self)
        #expect(change.password.passwordFile == "-")
        #expect(
            try parse("user disable a@example.com", as: UserCommand.Disable.self).email == "a@example.com")
    }

    @Test("a typed password can be corrected, and given up")
    func passwordLine() {
        func type(_ text: String) -> PasswordLine.State {
            var line = PasswordLine()
            var state = PasswordLine.State.more
            for byte in text.utf8 { state = line.take(byte) }
            return state
        }
        #expect(type("secret\n") == .entered("secret"))
        #expect(type("secré\u{7F}et\r") == .entered("secret"))
        #expect(type("wrong\u{15}right\n") == .entered("right"))
        #expect(type("\u{7F}\u{7F}a\n") == .entered("a"))
        #expect(type("sec\u{3}") == .interrupted)
    }
}
