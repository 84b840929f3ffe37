import Scanning
import TestSupport
import Testing

@Suite("Replacing addresses")
struct AddressScrubberTests {
    private static let token = "erased-00000000@erased.invalid"

    private func scrub(_ text: String, _ address: String = "ann.lee+x@example.com") throws -> String? {
        let hash = try #require(SipHash(key: Array(0..<16)))
        let identity = AddressScrubber.identity(of: address, under: hash)
        return AddressScrubber(hash, [identity: Self.token]).scrub(text)
    }

    @Test(
        "an address is found in every way in which it is spelt",
        arguments: [
            (#""ann.lee+x@example.com""#, #""T""#), (#""Ann.Lee+X@EXAMPLE.com""#, #""T""#),
            ("550 5.1.1 <ann.lee+x@example.com>: unknown", "550 5.1.1 <T>: unknown"),
            ("?to=ann.lee+x@example.com&n=1", "?to=T&n=1"), ("mailto:ann.lee+x@example.com", "mailto:T"),
            ("?e=ann.lee%2Bx%40example.com", "?e=erased-00000000%40erased.invalid"),
            ("?e=ann.lee%252bx%2540example.com", nil), ("%3Cann.lee+x@example.com%3E", "T"),
            (#"ann.lee+x\u0040example.com"#, #"erased-00000000\u0040erased.invalid"#),
            (#""\u003cann.lee\u002bx@example.com\u003e, b""#, #""T, b""#),
            (#"unknown:\nann.lee+x@example.com.\n"#, #"unknown:\nT.\n"#),
            (#"{\"a\":\"x\\nann.lee+x@example.com\"}"#, #"{\"a\":\"x\\nT\"}"#),
            ("ann.lee+x=40example.com", "erased-00000000=40erased.invalid"),
            ("/in/ann.lee+x@example.com.ndjson.gz", "/in/T.ndjson.gz"),
            ("ann.lee+x@example.com,ann.lee+x@example.com", "T,T"),
        ])
    func spellings(text: String, expected: String?) throws {
        #expect(try scrub(text) == expected?.replacing("T", with: Self.token))
    }

    @Test(
        "a name goes with its address, and a sentence does not",
        arguments: [
            (#""Ann Lee <ann.lee+x@example.com>""#, #""T""#),
            (
                #""\"Lee, Ann\" <ann.lee+x@example.com>, Bob <bob@example.com>""#,
                #""T, Bob <bob@example.com>""#
            ),
            (#""Bob <b@example.com>, Ann Lee <ann.lee+x@example.com>""#, #""Bob <b@example.com>, T""#),
            (#""=?utf-8?Q?Ann?= <ann.lee+x@example.com>""#, #""T""#),
            (#"{\"to\":\"Ann Lee <ann.lee+x@example.com>\"}"#, #"{\"to\":\"T\"}"#),
            (#""550 unknown user <ann.lee+x@example.com>""#, #""550 unknown user <T>""#),
            (#""smtp; no such user <ann.lee+x@example.com>""#, #""smtp; no such user <T>""#),
        ])
    func names(text: String, expected: String) throws {
        #expect(try scrub(text) == expected.replacing("T", with: Self.token))
    }

    @Test(
        "another address that holds it stays",
        arguments: [
            "joann.lee+x@example.com", "ann.lee+x@example.com.au", "ann.lee+x@example.community",
            "ann.lee+x@mail.example.com", "ann.lee@example.com", "x@example.com", "ann.lee+x", "@example.com",
            "", "@",
            "ann.lee+x@",
        ])
    func others(text: String) throws { #expect(try scrub(text) == nil) }

    @Test("letters of other scripts and marks of names are part of an address")
    func odd() throws {
        #expect(try scrub("<o'ann@example.com>", "o'ann@example.com") == Self.token)
        #expect(try scrub(#""zo\u00eb@example.com""#, "zoë@example.com") == "\"\(Self.token)\"")
        #expect(try scrub("x zoë@example.com y", "zoë@example.com") == "x \(Self.token) y")
    }

    @Test("Base64 that is a string of its own is looked into, also twice")
    func encoded() throws {
        let inner = Array(#"{"to":["ann.lee+x@example.com"],"padding":"0123456789"}"#.utf8)
        let outer = Array("{\"data\":\"\(Base64.encode(inner))\"}".utf8)
        let found = try #require(try scrub("[\"\(Base64.encode(outer))\"]"))
        let first = try #require(
            Array(found.utf8.dropFirst(2).dropLast(2)).withUnsafeBytes { Base64.decode($0) })
        let second = try #require(first.dropFirst(9).dropLast(2).withUnsafeBytes { Base64.decode($0) })
        #expect(
            String(decoding: second, as: UTF8.self) == #"{"to":["\#(Self.token)"],"padding":"0123456789"}"#)
        #expect(try scrub("[\"\(Base64.encode(Array(repeating: 7, count: 90)))\"]") == nil)
    }

    @Test("what was replaced once is clean, and the rest is as it was", arguments: 0..<300)
    func random(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "ann.lee+x@example.com", "ANN.LEE+X@example.COM", "Ann <ann.lee+x@example.com>",
            "bob@example.com", "\\n",
            " ", ",", "\"", "<", ">", "%40", "\\u003c", "=", ":", "é", "\\\"", "@", "x", "/", "40",
        ]
        let text = (0..<Int.random(in: 1...14, using: &generator)).map { _ in
            pieces.randomElement(using: &generator) ?? ""
        }.joined()
        let clean = try scrub(text) ?? text
        #expect(try scrub(clean) == nil)
        let separated = text.replacing("ann.lee+x@example.com", with: "\u{1}").contains("\u{1}")
        #expect(clean == text || separated || text.lowercased().contains("ann.lee+x@example.com"))
    }
}
