import Foundation
import Primitives

/// Reads lines from a person at a terminal, with editing, history and completion.
///
/// The terminal is in raw mode only while a line is typed, so that Ctrl-C is a key here and a signal while a statement
/// runs. Reading blocks, hence the thread of its own.
actor LineReader {
    private let executor = BlockingExecutor(label: "sesame.prompt")
    private var decoder = KeyDecoder()

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// What came of a prompt.
    enum Line: Sendable {
        case text(String)
        case interrupted
        case ended
    }

    /// Shows `prompt` and returns the line that is typed.
    func read(
        _ prompt: String, history: [String], complete: @Sendable (String) -> [String]
    ) throws(Failure) -> Line {
        let mode = try RawMode()
        defer { mode.restore() }
        var line = EditedLine(history: history)
        show(prompt, line)
        while true {
            var byte: UInt8 = 0
            let count = Foundation.read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return .ended }
            guard let key = decoder.take(byte) else { continue }
            switch line.press(key, complete: complete) {
            case .edited: break
            case .entered(let text):
                write("\r\n")
                return .text(text)
            case .interrupted:
                write("^C\r\n")
                return .interrupted
            case .ended:
                write("\r\n")
                return .ended
            case .cleared: write("\u{1B}[H\u{1B}[2J")
            case .choices(let names): write("\r\n" + columns(names) + "\r\n")
            }
            show(prompt, line)
        }
    }

    private func show(_ prompt: String, _ line: EditedLine) {
        let room = max(RawMode.width - prompt.count - 1, 10)
        // A statement of several lines, brought back from the history, is edited as one.
        let visible = line.characters.map { $0.isNewline ? "↵" : $0 }
        let window = TextWidth.window(visible, cursor: line.cursor, columns: room)
        write("\r\(prompt)\(window.text)\u{1B}[K\r\u{1B}[\(prompt.count + window.cursorColumn)C")
    }

    private func columns(_ names: [String]) -> String {
        let width = (names.map(\.count).max() ?? 0) + 2
        let perLine = max(RawMode.width / width, 1)
        let cells = names.map { $0 + String(repeating: " ", count: width - $0.count) }
        return stride(from: 0, to: cells.count, by: perLine)
            .map { cells[$0..<min($0 + perLine, cells.count)].joined() }.joined(separator: "\r\n")
    }

    private func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}

/// The terminal's raw mode, from making this to restoring it.
private struct RawMode {
    private let before: termios

    init() throws(Failure) {
        var attributes = termios()
        guard tcgetattr(STDIN_FILENO, &attributes) == 0 else {
            throw Failure(.storage, "the terminal does not say its mode: \(String(cString: strerror(errno)))")
        }
        before = attributes
        cfmakeraw(&attributes)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &attributes)
    }

    func restore() {
        var attributes = before
        tcsetattr(STDIN_FILENO, TCSADRAIN, &attributes)
    }

    /// The terminal's columns; 80 where it does not say.
    static var width: Int {
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}
