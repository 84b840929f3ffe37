import Query
import Synchronization

/// Shows a person how far a statement is that takes its time.
final class QueryProgressLine: Sendable {
    private enum State { case hidden, shown, over }

    private let state = Mutex(State.hidden)

    /// Shows `progress` once the statement has run for a second.
    func show(_ progress: QueryProgress) {
        guard progress.seconds >= 1 else { return }
        state.withLock { state in
            guard state != .over else { return }
            state = .shown
            Terminal.progress(Self.text(progress))
        }
    }

    /// Takes the line away for good, before rows or an error are shown.
    func end() {
        state.withLock { state in
            if state == .shown { Terminal.endProgress() }
            state = .over
        }
    }

    /// `… 42 % · 1.2 s`
    static func text(_ progress: QueryProgress) -> String {
        let seconds = "\((progress.seconds * 10).rounded() / 10) s"
        guard let fraction = progress.fraction else { return "… \(seconds)" }
        return "… \(Int(fraction * 100)) % · \(seconds)"
    }
}
