import Analytics
import EventLog
import HTTPTypes
import Primitives

extension HTTPProblem {
    /// The one map from errors to answers.
    ///
    /// A message is shown where its reader can act on it. That of a failing disk, which names paths, goes to the log alone.
    init(_ error: any Error) {
        switch error {
        case let problem as HTTPProblem: self = problem
        case let error as AnalyticsError:
            self.init(.badRequest, error.code.rawValue, error.message, hint: error.hint)
            pointer = error.pointer
        case LogError.overloaded(let seconds):
            self.init(
                .serviceUnavailable, "overloaded", "the disk is behind; nothing was taken",
                hint: "send it again after the time in Retry-After", retryAfterSeconds: seconds)
        case let failure as Failure:
            self.init(failure)
            if status.kind == .serverError { cause = failure.message }
        default:
            self.init(.internalServerError, "internal", "something went wrong inside")
            cause = String(reflecting: error)
        }
    }

    private init(_ failure: Failure) {
        switch failure.kind {
        case .usage: self.init(.badRequest, "bad-request", failure.message)
        case .input: self.init(.badRequest, "unreadable", failure.message)
        case .notFound: self.init(.notFound, "not-found", failure.message)
        case .refused: self.init(.forbidden, "forbidden", failure.message)
        case .limit:
            self.init(
                .serviceUnavailable, "limit", "a limit of the server was reached; nothing was taken",
                hint: "send it again after the time in Retry-After", retryAfterSeconds: 5)
        case .storage:
            self.init(
                .serviceUnavailable, "storage", "the server cannot store at the moment; nothing was taken",
                hint: "send it again after the time in Retry-After; its operator finds the reason in the log",
                retryAfterSeconds: 30)
        case .cancelled:
            self.init(
                .serviceUnavailable, "stopping", "the server is stopping",
                hint: "send it again after the time in Retry-After", retryAfterSeconds: 5)
        }
    }
}
