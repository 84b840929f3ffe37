import ArgumentParser
import ControlPlane
import EventLog
import Foundation
import Ingest
import Lake
import Primitives

/// `sesame erase`: takes a person out of everything that Sesame keeps.
struct EraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Erase a person: from raw bytes, the event log, all tables and their history.",
        discussion: """
            The address is replaced by a token that stands for nobody, so counts and rates stay as they are. Older versions of \
            the tables are deleted at once. Copies of the lake, such as backups, are yours to erase. Killed, it goes on where \
            it was: run it again, or start the server. While a server runs, the server does the work and this waits for it. \
            docs/privacy.md says what is stored where.
            """)

    @OptionGroup var options: HomeOptions
    @Option(help: ArgumentHelp("The person's mail address.", valueName: "address")) var recipient: String?
    @Option(help: "Why; it is kept in the audit log.") var reason: String?
    @Flag(help: "Only say what would change.") var dryRun = false
    @Flag(help: "Do not ask.") var yes = false
    @Flag(help: "Rewrite datasets too; without it those that name the person are listed.")
    var includeDatasets = false
    @Flag(help: "Finish erasures that were interrupted.") var resume = false
    @Flag(help: "Print the report as JSON.") var json = false

    func validate() throws {
        if resume {
            guard recipient == nil, !dryRun else {
                throw ValidationError("--resume takes neither --recipient nor --dry-run")
            }
            return
        }
        guard recipient != nil else {
            throw ValidationError("name the person with --recipient ann@example.com")
        }
        guard dryRun || reason?.trimmingCharacters(in: .whitespaces).isEmpty == false else {
            throw ValidationError("say why with --reason, as in: --reason \"request of 3 May\"")
        }
    }

    func run() async throws {
        guard options.directory.exists else {
            throw Failure(
                .notFound,
                "there is no lake in \(options.directory.url.path) yet, so there is nobody to erase")
        }
        let journal = ErasureJournal(options.directory)
        if resume { return try await finishAll(journal) }
        let draft = try journal.draft(
            recipient ?? "", reason: reason ?? "", actor: options.actor.description,
            includesDatasets: includeDatasets)
        if dryRun { return try await preview(draft) }
        try confirm()
        let erasure = try journal.begin(
            recipient ?? "", reason: reason ?? "", actor: options.actor.description,
            includesDatasets: includeDatasets)
        report(try await finish(erasure, journal))
    }

    // MARK: Steps

    private func preview(_ draft: Erasure) async throws {
        let found = try await Eraser(try await openLake(options)).findings(of: draft)
        Terminal.endProgress()
        var draft = draft
        draft.changes = found.filter { includeDatasets || !$0.place.hasPrefix("datasets/") }
        draft.remaining = found.filter { !includeDatasets && $0.place.hasPrefix("datasets/") }
        report(draft)
    }

    private func confirm() throws {
        if yes { return }
        guard isatty(STDIN_FILENO) != 0 else {
            throw Failure(
                .usage, "this cannot be undone; add --yes to do it, or --dry-run to see what it would change")
        }
        print("Erase \(recipient ?? "") for good? Type yes:", terminator: " ")
        guard readLine()?.lowercased() == "yes" else { throw Failure(.cancelled, "nothing was changed") }
    }

    private func finishAll(_ journal: ErasureJournal) async throws {
        let unfinished = try journal.unfinished()
        if unfinished.isEmpty { print("no erasure is unfinished") }
        for erasure in unfinished { report(try await finish(erasure, journal)) }
    }

    /// Does the work where nobody else has the lake, and waits for whoever has it otherwise: a server takes the erasure from
    /// the journal, and of an import the end is waited for.
    private func finish(_ erasure: Erasure, _ journal: ErasureJournal) async throws -> Erasure {
        var isTold = false
        while true {
            if let lock = try? WriterLock(lake: options.directory.lake) {
                defer { withExtendedLifetime(lock) {} }
                if let done = try journal.erasure(erasure.id), done.isFinished { return done }
                return try await work(erasure)
            }
            if let done = try journal.erasure(erasure.id), done.isFinished { return done }
            if !isTold {
                Terminal.error("another Sesame process has the lake; waiting for it to erase, or to end")
                isTold = true
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func work(_ erasure: Erasure) async throws -> Erasure {
        let lake = try EventLake(home: options.directory) { Terminal.progress($0) }
        try await lake.create()
        let control = try await options.makeControl()
        var log: EventLog?
        if FileManager.default.fileExists(atPath: options.directory.log.path) {
            var logOptions = LogOptions()
            logOptions.startingOffset = try await lake.committedOffset()
            log = try await EventLog.open(options.directory.log.path, logOptions)
        }
        do {
            let done = try await ErasureWork(lake: lake, control: control).finish(erasure, log: log)
            await log?.close()
            try control.close()
            Terminal.endProgress()
            return done
        } catch {
            await log?.close()
            Terminal.endProgress()
            throw error
        }
    }

    private func report(_ erasure: Erasure) {
        if json {
            var erasure = erasure
            erasure.recipient = nil
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            if let text = try? encoder.encode(erasure) { print(String(decoding: text, as: UTF8.self)) }
            return
        }
        if erasure.changes.isEmpty {
            print(erasure.isFinished ? "nothing named the person" : "nothing names the person")
        }
        for change in erasure.changes {
            let rows = change.rows > 0 ? ", \(Terminal.counted(change.rows, "row"))" : ""
            print("\(change.place)  \(Terminal.counted(change.files, "file"))\(rows)")
        }
        for change in erasure.remaining {
            print(
                "\(change.place)  \(Terminal.counted(change.rows, "row")) \(change.rows == 1 ? "names" : "name") the person; "
                    + "rewrite it with --include-datasets, or by yourself")
        }
        if erasure.isFinished { print("erased; \(erasure.token) stands for the person now") }
    }
}
