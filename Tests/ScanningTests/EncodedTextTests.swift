import Foundation
import Scanning
import Testing
import TestSupport

@Suite("Encoded text")
struct EncodedTextTests {
    private func decode(_ text: String) -> String? {
        Array(text.utf8).withUnsafeBytes { JSONText.decode($0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("of a JSON string is decoded")
    func strings() {
        #expect(decode("a\\\"\\\\\\/\\b\\f\\n\\r\\tü") == "a\"\\/\u{8}\u{c}\n\r\tü")
        #expect(decode("\\u0041\\u00fc\\u65E5\\ud83d\\uDE00") == "Aü日😀")
        #expect(decode("") == "")
    }

    @Test(
        "that no JSON string has is nil",
        arguments: [
            "\\", "\\x", "\\u12", "\\u12g4", "\\ud83d", "\\ud83dx", "\\ude00", "\\ud83d\\u0041",
            "\\ud83d\\n12345", "a\nb", "\u{0}",
        ])
    func invalidStrings(text: String) { #expect(decode(text) == nil) }

    @Test("is what Foundation makes of it too")
    func roundTrips() throws {
        for seed in 0..<300 {
            var generator = SeededGenerator(seed: seed)
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let text = Data(bytes).base64EncodedString()
            let unpadded = text.replacingOccurrences(of: "=", with: "")
            for form in [text, unpadded] {
                #expect(Array(form.utf8).withUnsafeBytes { Base64.decode($0) } == bytes)
            }
            let string = String(decoding: bytes, as: UTF8.self) + "😀\n\u{1}\"\\"
            // By bytes, for a character that combines with the quote would be dropped with it.
            let encoded = try JSONEncoder().encode(string).dropFirst().dropLast()
            #expect(decode(String(decoding: encoded, as: UTF8.self)) == string)
        }
    }

    @Test(
        "that is no Base64 is nil",
        arguments: ["A", "AAAAA", "A=", "AA=A", "AAA=AAAA", "A A=", "AA-_", "====", "=", "AAA\n"])
    func invalidBase64(text: String) {
        #expect(Array(text.utf8).withUnsafeBytes { Base64.decode($0) } == nil)
    }
}
