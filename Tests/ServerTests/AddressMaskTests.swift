import Foundation
import Testing

@testable import Server

@Suite("Addresses hidden from viewers")
struct AddressMaskTests {
    private func masked(_ text: String) -> String {
        String(decoding: AddressMask.mask(Array(text.utf8)), as: UTF8.self)
    }

    @Test(
        "an address keeps its first letter and its domain, wherever it stands",
        arguments: [
            ("ann@example.com", "a***@example.com"),
            (
                "smtp; 550 5.1.1 <ann.b+tag@example.com>: unknown",
                "smtp; 550 5.1.1 <a***@example.com>: unknown"
            ),
            ("a@b.example, c@d.example", "a***@b.example, c***@d.example"),
            (
                "https://x.example/?email=ann%40example.com&y=1",
                "https://x.example/?email=a***%40example.com&y=1"
            ),
            ("jörg@example.com", "j***@example.com"), ("ötzi@example.com", "***@example.com"),
            (#"\"ann smith\"@example.com"#, "***@example.com"), ("o'hara@example.com", "o***@example.com"),
        ])
    func hides(text: String, expected: String) { #expect(masked(text) == expected) }

    @Test(
        "what is no address stays",
        arguments: [
            "", "@", "at @ sign", "50 %", "%40", "100%", "mail@", "no address", "a@ b", "x%4", "@example.com",
        ])
    func leaves(text: String) { #expect(masked(text) == text) }

    @Test("JSON stays JSON, whatever stands before an address")
    func validJSON() throws {
        var generator = SystemRandomNumberGenerator()
        let pieces = [
            "ann@example.com", "\n", "\"", "\\", "<", "é", "\u{1}", "@", " ", "%40x.example", "\u{2028}", "😀",
            "a",
        ]
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 1...8, using: &generator)).map { _ in pieces.randomElement() ?? ""
            }.joined()
            for options in [JSONSerialization.WritingOptions.withoutEscapingSlashes, []] {
                let json = try JSONSerialization.data(
                    withJSONObject: ["a": text, "b": text], options: options)
                let hidden = Data(AddressMask.mask(Array(json)))
                #expect(throws: Never.self, "\(text.debugDescription)") {
                    try JSONSerialization.jsonObject(with: hidden)
                }
                #expect(!String(decoding: hidden, as: UTF8.self).contains("ann@"))
            }
        }
    }

    @Test("an escape before an address is not taken apart")
    func escapes() throws {
        #expect(masked(#"{"a":"\nann@example.com"}"#) == #"{"a":"\na***@example.com"}"#)
        #expect(masked(#"{"a":"\\nann@example.com"}"#) == #"{"a":"\\n***@example.com"}"#)
        #expect(masked(#"{"a":"\\","b":"c\"@d"}"#) == #"{"a":"\\","b":"c\"@d"}"#)
        #expect(masked(#"{"a":"\u003cann@example.com"}"#) == #"{"a":"\u003ca***@example.com"}"#)
    }
}
