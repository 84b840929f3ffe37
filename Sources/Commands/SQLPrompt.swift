import Foundation
import Lake
import Primitives
import Query

/// `sesame sql` with a person before it: statements are typed, answers follow.
///
/// A statement goes on over lines until its semicolon. Ctrl-C throws the statement away, or stops the one that runs.
struct SQLPrompt {
    private var session: SQLSession
    private var format = QueryRequest.Format.table
    private var history: PromptHistory
    private var names = PromptNames()
    private let reader = LineReader()

    /// A prompt whose statements go to `session`.
    init(_ session: SQLSession) {
        self.session = session
        history = PromptHistory(file: session.home.url.appending(path: "sql_history"))
    }

    /// Reads and answers until the person leaves.
    mutating func run() async throws {
        print("Statements end with a semicolon. Type .help for more, .quit to leave.")
        names = await session.names()
        var typed = ""
        while true {
            let prompt = typed.isEmpty ? "sesame> " : "   ...> "
            let names = names
            let line = try await reader.read(prompt, history: history.statements) { names.complete($0) }
            switch line {
            case .ended: return
            case .interrupted: typed = ""
            case .text(let text) where typed.isEmpty && text.hasPrefix("."):
                history.add(text)
                guard await obey(text) else { return }
            case .text(let text):
                typed += typed.isEmpty ? text : "\n" + text
                guard StatementSplitter.isComplete(typed) else {
                    if typed.allSatisfy(\.isWhitespace) { typed = "" }
                    continue
                }
                history.add(typed)
                for statement in StatementSplitter.split(typed) { await answer(statement) }
                typed = ""
            }
        }
    }

    /// Runs a statement; what goes wrong is shown, and the person goes on.
    private func answer(_ statement: String) async {
        do {
            try await session.run(statement, format: format, output: nil)
        } catch let failure as Failure {
            Terminal.error(failure.message)
        } catch {
            Terminal.error("\(error)")
        }
    }

    /// Carries out a command that begins with a point.
    ///
    /// - Returns: whether to go on.
    private mutating func obey(_ line: String) async -> Bool {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        let argument = words.dropFirst().first
        switch words[0] {
        case ".quit", ".exit": return false
        case ".help": print(SQLPrompt.help)
        case ".tables":
            names = await session.names()
            print(names.tables.joined(separator: "\n"))
        case ".schema": await answer(argument.map { "DESCRIBE \($0)" } ?? SQLSession.columnsQuery)
        case ".timing":
            session.timing = argument.map { $0 == "on" } ?? !session.timing
            print("timing is \(session.timing ? "on" : "off")")
        case ".mode": setMode(argument)
        default: Terminal.error("there is no \(words[0]); .help lists what there is")
        }
        return true
    }

    private mutating func setMode(_ name: String?) {
        let modes = QueryRequest.Format.allCases.filter { $0 != .parquet }
        guard let name else { return print("the mode is \(format.rawValue)") }
        guard let mode = modes.first(where: { $0.rawValue == name }) else {
            let known = modes.map(\.rawValue).joined(separator: ", ")
            return Terminal.error("there is no mode \"\(name)\"; choose one of \(known)")
        }
        format = mode
    }

    private static let help = """
        .tables          the tables and views
        .schema [NAME]   the columns of one, or of all
        .mode [FORMAT]   table, json, ndjson or csv
        .timing [on|off] say how long each statement took
        .quit            leave; Ctrl-D does too
        TAB completes names, the arrows bring back earlier lines, Ctrl-C stops a statement.
        """
}
