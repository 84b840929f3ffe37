import Foundation
import Primitives
import Synchronization

/// What the user sees while and after a command runs.
enum Terminal {
    /// Whether a person watches standard error.
    static let isInteractive = isatty(STDERR_FILENO) == 1

    /// Writes a line to standard error, over a progress line if there is one.
    static func error(_ line: String) {
        FileHandle.standardError.write(Data(((isInteractive ? "\r\u{1B}[K" : "") + line + "\n").utf8))
    }

    /// Replaces the progress line; nothing is shown where nobody watches.
    static func progress(_ line: String) {
        guard isInteractive else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
    }

    /// Takes the progress line away.
    static func endProgress() {
        if isInteractive { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }

    /// A count with its noun, in the plural where it is not one.
    static func counted(_ number: Int, _ noun: String) -> String {
        "\(number.grouped) \(noun)\(number == 1 ? "" : "s")"
    }

    /// Bytes with a unit.
    static func size(_ bytes: Int64) -> String {
        var value = Double(bytes)
        for unit in ["B", "kB", "MB", "GB"] {
            if value < 1_000 { return unit == "B" ? "\(bytes) B" : "\((value * 10).rounded() / 10) \(unit)" }
            value /= 1_000
        }
        return "\((value * 10).rounded() / 10) TB"
    }
}
