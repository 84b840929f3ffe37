import ArgumentParser
import Foundation
import Primitives
import Query

extension Sesame {
    /// Becomes a query worker where the process was started as one; to be called before anything else.
    public static func enterWorkerIfAsked() { QueryWorker.enterIfAsked() }

    /// Runs the command line and ends the process with the status that scripts can rely on.
    ///
    /// 0 done · 1 the statement failed or something is wrong · 64 misuse · 65 some input was refused · 66 not found ·
    /// 74 the disk failed · 75 a limit was reached · 77 not allowed · 130 interrupted.
    public static func runAndExit() async -> Never {
        do {
            var command = try Sesame.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            Foundation.exit(0)
        } catch let failure as Failure {
            Terminal.error("sesame: \(failure.message)")
            Foundation.exit(failure.kind.exitStatus)
        } catch {
            exit(withError: error)
        }
    }
}

extension Failure.Kind {
    /// The process's exit status, after sysexits.h where it has a word.
    var exitStatus: Int32 {
        switch self {
        case .usage: 1
        case .input: 65
        case .notFound: 66
        case .storage: 74
        case .limit: 75
        case .refused: 77
        case .cancelled: 130
        }
    }
}
