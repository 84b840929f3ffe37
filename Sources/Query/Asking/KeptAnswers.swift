/// Answers to statements, kept for who asks the same of the same files: another tab, another reader, the same page a moment later.
///
/// Files of a lake never change, so a statement that names no clock has one answer for a list of them. New events are new files: what was kept of
/// others is not found any more, and not held for long. Who asks what is being worked out waits for that, so a page that is open on ten screens
/// costs no more than on one.
actor KeptAnswers {
    /// How much is kept.
    struct Options: Sendable {
        /// The most bytes of all answers, with what they are answers to.
        var bytes = 16 << 20
        /// How long.
        var seconds = 300.0
    }

    /// What an answer depends on.
    private struct Question: Hashable {
        let sql: String
        let catalog: QueryCatalog

        var size: Int { sql.utf8.count + catalog.tables.flatMap(\.files).reduce(0) { $0 + $1.utf8.count } }
    }

    private struct Answer {
        let bytes: [UInt8]
        let size: Int
        let until: ContinuousClock.Instant
    }

    private enum Outcome {
        case answered([UInt8])
        case failed(any Error)
        /// Whoever asked first has gone, and with him the statement.
        case left
    }

    private typealias Waiters = [UInt64: CheckedContinuation<Outcome, Never>]

    private let options: Options
    private let clock = ContinuousClock()
    private var kept: [Question: Answer] = [:]
    /// The oldest first.
    private var order: [Question] = []
    private var size = 0
    private var running: [Question: Waiters] = [:]
    private var nextID: UInt64 = 0
    /// How often everything was forgotten.
    private var age = 0

    init(_ options: Options = Options()) { self.options = options }

    /// The answer to a request: the one that is kept, the one that somebody else is waiting for, or a new one.
    ///
    /// - Parameter isAnew: whether one that is kept will not do.
    /// - Throws: what `ask` throws; `CancellationError` where the task is cancelled while it waits.
    func answer(
        _ request: QueryRequest, isAnew: Bool = false, ask: @Sendable () async throws -> [UInt8]
    ) async throws -> [UInt8] {
        let question = Question(sql: request.sql, catalog: request.catalog)
        forgetOld()
        while running[question] != nil {
            switch try await outcome(of: question) {
            case .answered(let bytes): return bytes
            case .failed(let error): throw error
            case .left: continue
            }
        }
        if let answer = kept[question], !isAnew { return answer.bytes }
        running[question] = [:]
        do {
            let began = age
            let bytes = try await ask()
            if began == age { keep(bytes, for: question) }
            end(question, .answered(bytes))
            return bytes
        } catch {
            end(question, Task.isCancelled ? .left : .failed(error))
            throw error
        }
    }

    /// Forgets all answers, and those that are being worked out: somebody may be in them who was erased.
    func forgetAll() {
        (kept, order, size) = ([:], [], 0)
        age += 1
    }

    /// How many wait for what somebody else asked.
    var waiting: Int { running.values.reduce(0) { $0 + $1.count } }

    private func outcome(of question: Question) async throws -> Outcome {
        nextID += 1
        let id = nextID
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { running[question]?[id] = $0 }
        } onCancel: {
            Task { await self.leave(question, id) }
        }
        try Task.checkCancellation()
        return outcome
    }

    private func leave(_ question: Question, _ id: UInt64) {
        running[question]?.removeValue(forKey: id)?.resume(returning: .left)
    }

    private func end(_ question: Question, _ outcome: Outcome) {
        for waiter in (running.removeValue(forKey: question) ?? [:]).values {
            waiter.resume(returning: outcome)
        }
    }

    private func keep(_ bytes: [UInt8], for question: Question) {
        // One large answer would drive out many small ones, which are asked for again and again.
        let own = bytes.count + question.size
        guard own <= options.bytes / 8 else { return }
        if kept[question] != nil { forget(at: order.firstIndex(of: question) ?? 0) }
        kept[question] = Answer(bytes: bytes, size: own, until: clock.now + .seconds(options.seconds))
        order.append(question)
        size += own
        while size > options.bytes { forget(at: 0) }
    }

    private func forgetOld() {
        while let first = order.first, let answer = kept[first], answer.until < clock.now { forget(at: 0) }
    }

    private func forget(at index: Int) {
        size -= kept.removeValue(forKey: order.remove(at: index))?.size ?? 0
    }
}
