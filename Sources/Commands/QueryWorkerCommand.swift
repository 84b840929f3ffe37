import ArgumentParser
import Query

/// `sesame query-worker`: the process in which users' statements run; started by Sesame itself.
struct QueryWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: QueryWorker.argument, shouldDisplay: false)

    func run() async throws {
        await QueryWorker.serve()
    }
}
