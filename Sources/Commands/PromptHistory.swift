import Foundation

/// The statements that were typed, oldest first, in a file that only its owner reads.
///
/// One statement a line; a line break in it is written `\n` and a backslash `\\`.
struct PromptHistory {
    private static let limit = 1_000
    private let file: URL
    private(set) var statements: [String]

    /// The history kept in `file`; empty if there is none yet.
    init(file: URL) {
        self.file = file
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        statements = text.split(separator: "\n").map { PromptHistory.decode($0) }.suffix(Self.limit)
    }

    /// Adds a statement, unless it is the last one again, and stores it. A history that cannot be stored is no reason to
    /// stop.
    mutating func add(_ statement: String) {
        guard !statement.allSatisfy(\.isWhitespace), statement != statements.last else { return }
        statements.append(statement)
        if statements.count > Self.limit { statements.removeFirst(statements.count - Self.limit) }
        let text = statements.map { PromptHistory.encode($0) + "\n" }.joined()
        // The mode is given at creation: statements may hold addresses of people.
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try? handle.write(contentsOf: Data(text.utf8))
    }

    private static func encode(_ statement: String) -> String {
        statement.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    private static func decode(_ line: Substring) -> String {
        var text = ""
        var isEscaped = false
        for character in line {
            if isEscaped {
                text.append(character == "n" ? "\n" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                text.append(character)
            }
        }
        return text
    }
}
