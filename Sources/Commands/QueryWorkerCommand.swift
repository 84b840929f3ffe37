import ArgumentParser
import Foundation
import Query

/// `sesame query-worker`: the process that runs one statement of a user; started by Sesame itself.
struct QueryWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "query-worker", shouldDisplay: false)

    func run() async throws {
        Foundation.exit(await QueryWorker.run())
    }
}
