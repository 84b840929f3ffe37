import TestSupport
import Testing

@testable import Scanning

@Suite("Making events anonymous")
struct AnonymiserTests {
    private func key() throws -> SipHash { try #require(SipHash(key: Array(0..<16))) }

    private func anonymise(_ event: String) throws -> String {
        let anonymiser = Anonymiser(try key())
        let clean = Array(event.utf8).withUnsafeBytes { anonymiser.anonymise($0) }
        return clean.map { String(decoding: $0, as: UTF8.self) } ?? event
    }

    private func pseudonym(_ address: String) throws -> String { Pseudonym.of(address, under: try key()) }

    @Test("a recipient becomes sixteen digits at the same domain, whatever the case, and others stay")
    func recipients() throws {
        let ann = try pseudonym("ann@example.net")
        #expect(ann.wholeMatch(of: /h:[0-9a-f]{16}@example\.net/) != nil)
        #expect(
            try anonymise(
                #"{"mail":{"source":"Shop <s@shop.example>","destination":["Ann <ANN@Example.net>"],"messageId":"m@x.y"}}"#
            )
                == #"{"mail":{"source":"Shop <s@shop.example>","destination":["\#(ann)"],"messageId":"m@x.y"}}"#
        )
    }

    @Test(
        "wherever a recipient stands in the event it goes",
        arguments: [
            #""link":"https://x.example/?e=ANN%40example.net""#,
            #""headers":[{"name":"To","value":"\"Lee, Ann\" <ann@example.net>"}]"#,
            #""tags":{"who":["ann@example.net"]}"#, #""unheardOf":{"deep":["of ann@example.net."]}"#,
            #""smtpResponse":"250 <ann@example.net> ok""#, #""extra":"{\"a.b\":\"ann@example.net\"}""#,
        ])
    func everywhere(member: String) throws {
        let clean = try anonymise(#"{"destination":["ann@example.net"],\#(member)}"#)
        #expect(!clean.lowercased().contains("ann"))
    }

    @Test(
        "an address in free text goes though nobody said that it is a recipient's, and the sender's stays",
        arguments: [
            (#""smtpResponse":"550 <bob@b.example>: unknown""#, "bob@b.example"),
            (#""diagnosticCode":"smtp; 550 to=bob@b.example""#, "bob@b.example"),
            (#""subject":"Question of bob@b.example""#, "bob@b.example"),
            (#""headers":[{"name":"Cc","value":"x <bob@b.example>"}]"#, "bob@b.example"),
            (#""bouncedRecipients":[{"emailAddress":"bob@b.example"}]"#, "bob@b.example"),
            (#""extra":"{\"x.emailAddress\":\"bob@b.example\"}""#, "bob@b.example"),
        ])
    func freeText(member: String, address: String) throws {
        let clean = try anonymise(#"{"source":"s@shop.example","subject":"by s@shop.example",\#(member)}"#)
        #expect(!clean.contains(address))
        #expect(clean.contains(try pseudonym(address)))
        #expect(clean.contains("by s@shop.example") || member.contains("subject"))
        #expect(clean.contains(#""source":"s@shop.example""#))
    }

    @Test(
        "an IP address becomes its network",
        arguments: [
            ("203.0.113.77", "203.0.113.0"), ("203.0.113.77, 10.1.2.3", "203.0.113.0, 10.1.2.0"),
            ("2001:db8:1:2::3", "2001:db8:1::"), ("::ffff:203.0.113.77", "::ffff:203.0.113.0"),
            ("203.0.113.77:4711", "203.0.113.0"), ("[2001:db8:1:2::3]", "2001:db8:1::"),
            ("203.0.113.0", "203.0.113.0"), ("unknown", "unknown"), ("", ""),
        ])
    func networks(address: String, network: String) throws {
        #expect(try anonymise(#"{"ipAddress":"\#(address)"}"#) == #"{"ipAddress":"\#(network)"}"#)
        #expect(try anonymise(#"{"ip_address":"\#(address)"}"#) == #"{"ip_address":"\#(network)"}"#)
    }

    @Test("an IP address goes from a document within the event too")
    func networksInDocuments() throws {
        #expect(
            try anonymise(#"{"extra":"{\"a.b.ipAddress\":\"203.0.113.77\"}"}"#)
                == #"{"extra":"{\"a.b.ipAddress\":\"203.0.113.0\"}"}"#)
    }

    @Test("an IP address goes wherever it stands alone, and no longer one that holds it")
    func networksElsewhere() throws {
        #expect(
            try anonymise(
                #"{"ipAddress":"203.0.113.7","a":"at 203.0.113.7, not 203.0.113.77 nor 1203.0.113.7","sourceIp":"192.0.2.9"}"#
            )
                == #"{"ipAddress":"203.0.113.0","a":"at 203.0.113.0, not 203.0.113.77 nor 1203.0.113.7","sourceIp":"192.0.2.9"}"#
        )
    }

    @Test("the token of somebody who was erased stays")
    func erased() throws {
        let event = #"{"destination":["erased-7b4d1a5d@erased.invalid"],"ipAddress":"203.0.113.0"}"#
        #expect(try anonymise(event) == event)
    }

    @Test("once more changes nothing, and a row says the same as the event", arguments: 0..<200)
    func property(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let people = [
            "ann@example.net", "o'neil+x@B.example", "Zoë@mail.example", "a.b_c@x.co", "s@shop.example",
        ]
        func person() -> String { people.randomElement(using: &generator) ?? "" }
        func text() -> String {
            let forms = [
                person(), "X <\(person())>", "550 5.1.1 <\(person())>: \(person()) unknown, to=\(person())",
                "mailto:\(person())?cc=\(person().replacing("@", with: "%40"))", "nothing",
            ]
            return forms.randomElement(using: &generator) ?? ""
        }
        let (to, smtp, subject, other) = (person(), text(), text(), text())
        let event =
            #"{"mail":{"source":"s@shop.example","destination":["\#(to)"],"commonHeaders":{"subject":"\#(subject)"}},"delivery":{"smtpResponse":"\#(smtp)"},"x":"\#(other)"}"#
        let row =
            #"{"sender":"s@shop.example","destination":["\#(to)"],"subject":"\#(subject)","delivery_smtp_response":"\#(smtp)","extra":"{\"x\":\"\#(other)\"}"}"#
        let (clean, cleanRow) = (try anonymise(event), try anonymise(row))
        #expect(try anonymise(clean) == clean)
        #expect(try anonymise(cleanRow) == cleanRow)
        func members(_ text: String) -> [String] {
            text.matches(of: /h:[0-9a-f]{16}@[a-zë.]+/).map { String($0.output) }
        }
        #expect(Set(members(clean)) == Set(members(cleanRow)))
        #expect(!clean.lowercased().contains(to.lowercased()))
    }

    @Test("any bytes are taken", arguments: 0..<200)
    func anything(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "{", "}", "[", "]", "\"", ":", ",", "to", "ipAddress", "@", "a@b.c", "\\", "\\u00", "%40",
            "1.2.3.4",
        ]
        let text = (0..<Int.random(in: 0...30, using: &generator)).map { _ in
            pieces.randomElement(using: &generator) ?? ""
        }.joined()
        _ = try anonymise(text)
    }
}
