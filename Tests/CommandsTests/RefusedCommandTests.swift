import Foundation
import Primitives
import TestSupport
import Testing

@testable import Commands

@Suite("Refused records for people")
struct RefusedCommandTests {
    @Test("text is shown as text, line by line")
    func text() {
        #expect(
            ByteText.lines(Array("{\"a\":\n<script>\t1</script>}\r\nü 😀".utf8)) == [
                "{\"a\":", "<script>\t1</script>}", "ü 😀",
            ])
    }

    @Test("bytes are dumped as hexdump -C does")
    func dump() {
        let bytes = Array("\u{1b}[2J0123456789abcdefg".utf8)
        #expect(
            ByteText.lines(bytes) == [
                "00000000  1b 5b 32 4a 30 31 32 33  34 35 36 37 38 39 61 62  |.[2J0123456789ab|",
                "00000010  63 64 65 66 67                                    |cdefg|",
            ])
        #expect(ByteText.lines([]).joined() == "")
    }

    @Test("whatever the bytes, nothing that a terminal obeys is printed")
    func harmless() {
        var generator = SeededGenerator(seed: 1)
        let pieces: [[UInt8]] = [
            Array("abc".utf8), [0x1b, 0x5b], [0x9b], [0xc2, 0x9b], [0x07], [0xff], Array("\u{202e}".utf8),
            [0x0a],
            Array("\u{2028}".utf8), [0x00], [0x7f],
        ]
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...8, using: &generator)).flatMap { _ in
                pieces.randomElement(using: &generator) ?? []
            }
            for line in ByteText.lines(bytes) {
                #expect(
                    line.unicodeScalars.allSatisfy {
                        $0 == "\t" || $0 == "\r"
                            || ![.control, .format, .lineSeparator].contains($0.properties.generalCategory)
                    })
            }
        }
    }

    @Test("a moment in the past is a span or a time")
    func since() {
        let now = Timestamp(microseconds: 1_785_585_600_000_000)
        #expect(Since("7d", now: now)?.time.microseconds == now.microseconds - 604_800_000_000)
        #expect(Since("90m", now: now)?.time.microseconds == now.microseconds - 5_400_000_000)
        #expect(Since("2026-08-01", now: now)?.time.iso8601 == "2026-08-01T00:00:00.000Z")
        #expect(Since("2026-08-01T10:00:00Z", now: now)?.time.iso8601 == "2026-08-01T10:00:00.000Z")
        for text in ["", "d", "-1d", "7", "yesterday", "2026-13-01"] { #expect(Since(text, now: now) == nil) }
    }
}
