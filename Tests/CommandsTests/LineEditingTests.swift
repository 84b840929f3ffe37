import Foundation
import Testing

@testable import Commands

@Suite("Line editing")
struct LineEditingTests {
    /// The line after the bytes of a terminal were typed into it.
    private static func type(
        _ bytes: String, history: [String] = [], names: [String] = []
    ) -> (line: EditedLine, last: EditedLine.Outcome?) {
        var decoder = KeyDecoder()
        var line = EditedLine(history: history)
        var last: EditedLine.Outcome?
        for byte in bytes.utf8 {
            if let key = decoder.take(byte) {
                last = line.press(key) { word in names.filter { $0.hasPrefix(word) } }
            }
        }
        return (line, last)
    }

    @Test(
        "keys do what they do everywhere",
        arguments: [
            ("abc", "abc", 3), ("ünï🙂", "ünï🙂", 4), ("abc\u{7F}", "ab", 2), ("abc\u{1}x", "xabc", 1),
            ("abc\u{1}\u{4}", "bc", 0), ("abc\u{1}\u{1B}[3~", "bc", 0), ("ab\u{1B}[D\u{1B}[Dx", "xab", 1),
            ("ab\u{1B}[Hx\u{1B}[Fy", "xaby", 4), ("one two\u{17}", "one ", 4),
            ("one two\u{1B}bx", "one xtwo", 5),
            ("one two\u{1}\u{1B}fx", "onex two", 4), ("abc\u{2}\u{B}", "ab", 2), ("abc\u{2}\u{15}", "c", 0),
            ("\u{7F}\u{1B}[C\u{1B}[Da", "a", 1), ("a\u{1B}[99~b", "ab", 2),
            ("one two\u{1B}[1;5D\u{1B}[1;5D", "one two", 0),
        ])
    func keys(typed: String, text: String, cursor: Int) {
        let (line, _) = Self.type(typed)
        #expect(line.text == text)
        #expect(line.cursor == cursor)
    }

    @Test("Enter, Ctrl-C and Ctrl-D end a line, Ctrl-D only an empty one")
    func ends() {
        #expect(Self.type("a\r").last == .entered("a"))
        #expect(Self.type("a\u{3}").last == .interrupted)
        #expect(Self.type("\u{4}").last == .ended)
        #expect(Self.type("a\u{4}").last == .edited)
        #expect(Self.type("a\u{C}").last == .cleared)
    }

    @Test("the arrows go through the history and back to the draft")
    func history() {
        let history = ["one", "two"]
        #expect(Self.type("draft\u{1B}[A", history: history).line.text == "two")
        #expect(Self.type("draft\u{1B}[A\u{1B}[A\u{1B}[A", history: history).line.text == "one")
        #expect(Self.type("draft\u{10}\u{E}", history: history).line.text == "draft")
        #expect(Self.type("\u{1B}[B", history: history).line.text == "")
    }

    @Test("TAB inserts what is certain and lists what is not")
    func completes() {
        let names = ["events", "event_recipients", "email_status"]
        #expect(Self.type("FROM em\t", names: names).line.text == "FROM email_status ")
        #expect(Self.type("FROM eve\t", names: names).line.text == "FROM event")
        #expect(Self.type("event\t", names: names).last == .choices(["events", "event_recipients"]))
        #expect(Self.type("x\t", names: names).line.text == "x")
        #expect(Self.type("(em)\u{2}\t", names: names).line.text == "(email_status)")
    }

    @Test("names are completed by table, by column and by keyword in the case that was begun")
    func names() {
        let names = PromptNames(columns: ["events": ["subject", "sender"], "refused": ["reason"]])
        #expect(names.complete("sel") == ["select"])
        #expect(names.complete("SEL") == ["SELECT"])
        #expect(names.complete("events.s") == ["events.sender", "events.subject"])
        #expect(names.complete("ref") == ["refused"])
        #expect(names.complete("") == ["events", "refused"])
        #expect(names.complete(".t") == [".tables", ".timing"])
        #expect(names.complete("nothing.x") == [])
    }

    @Test("a long line is shown around its cursor, wide characters counted as two columns")
    func window() {
        let line = Array("abcdefghij")
        #expect(TextWidth.window(line, cursor: 0, columns: 4) == ("abcd", 0))
        #expect(TextWidth.window(line, cursor: 10, columns: 4) == ("hij", 3))
        #expect(TextWidth.window(Array("日本語"), cursor: 2, columns: 5) == ("日本", 4))
    }

    @Test("the history survives, keeps line breaks and is for its owner only")
    func historyFile() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "history-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        var history = PromptHistory(file: file)
        for statement in ["SELECT 1;", "SELECT 1;", "SELECT '\\n'\nFROM t;", "  "] { history.add(statement) }
        #expect(PromptHistory(file: file).statements == ["SELECT 1;", "SELECT '\\n'\nFROM t;"])
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }
}
