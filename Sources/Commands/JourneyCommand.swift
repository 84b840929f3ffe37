import ArgumentParser
struct JourneyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "journey")
    func run() async throws {}
}
