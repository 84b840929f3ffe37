import Foundation
import Primitives

/// Asks a person for a password without showing it. Reading blocks, hence the thread of its own.
actor PasswordPrompt {
    private let executor = BlockingExecutor(label: "sesame.password")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The password, typed twice alike.
    ///
    /// - Throws: ``Failure`` of kind usage where nobody can be asked, or the two differ; cancelled after Ctrl-C.
    func readTwice() throws(Failure) -> String {
        let first = try read("New password: ")
        guard try read("Once more: ") == first else { throw Failure(.usage, "the two passwords differ") }
        return first
    }

    private func read(_ prompt: String) throws(Failure) -> String {
        var before = termios()
        guard isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &before) == 0 else {
            throw Failure(
                .usage, "there is no terminal to ask for a password at; give it with --password-file")
        }
        // Signals are off too: one that ended the process here would leave the person's shell without echo.
        var quiet = before
        quiet.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            FileHandle.standardError.write(Data("\n".utf8))
        }
        FileHandle.standardError.write(Data(prompt.utf8))
        var typed = PasswordLine()
        while true {
            var byte: UInt8 = 0
            let count = Foundation.read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { throw Failure(.cancelled, "the terminal went away") }
            switch typed.take(byte) {
            case .more: continue
            case .entered(let password): return password
            case .interrupted: throw Failure(.cancelled, "interrupted")
            }
        }
    }
}

/// Makes a password of the bytes that a terminal sends.
struct PasswordLine {
    enum State: Equatable {
        case more
        case entered(String)
        case interrupted
    }

    private var bytes: [UInt8] = []

    mutating func take(_ byte: UInt8) -> State {
        switch byte {
        case 10, 13: return .entered(String(decoding: bytes, as: UTF8.self))
        case 3, 4: return .interrupted
        case 8, 127: bytes = Array(String(decoding: bytes, as: UTF8.self).dropLast().utf8)
        case 21: bytes = []
        default: if bytes.count < 4_096 { bytes.append(byte) }
        }
        return .more
    }
}
