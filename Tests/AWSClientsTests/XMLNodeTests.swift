import Primitives
import TestSupport
import Testing

@testable import AWSClients

@Suite("XML that S3 answers with")
struct XMLNodeTests {
    @Test("is read with its references, sections and comments; attributes and prefixes are passed over")
    func reads() throws {
        let node = try XMLNode(
            parsing: Array(
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <!-- <no> --><s3:A xmlns:s3='http://x/?a>b' b="c"><Key>a&amp;b&#x20;&#252;&lt;</Key><Key><![CDATA[<&]]></Key>
                <Empty/><Deep><Key>3</Key></Deep></s3:A>

                """.utf8))
        #expect(node.name == "A")
        #expect(node.all("Key").map(\.text) == ["a&b ü<", "<&"])
        #expect(node["Empty"]?.text == "" && node["Deep"]?["Key"]?.text == "3" && node["Absent"] == nil)
    }

    @Test(
        "is refused where it is none, or could do harm",
        arguments: [
            "", "text", "<a>", "<a></b>", "<a/><b/>", "<a>&unknown;</a>", "<a>&#xd800;</a>", "<a b='c></a>",
            "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", String(repeating: "<a>", count: 1_000_000),
        ])
    func refuses(text: String) {
        #expect(throws: Failure.self) { try XMLNode(parsing: Array(text.utf8)) }
    }

    @Test("that is cut off or damaged anywhere ends in a failure or in a document, never in a crash")
    func damage() throws {
        let whole = Array("<?xml version='1.0'?><a x='1'><b>t&amp;<!-- c --></b><c/><![CDATA[d]]></a>".utf8)
        #expect(try XMLNode(parsing: whole)["b"]?.text == "t&")
        for count in 0..<whole.count {
            #expect(throws: Failure.self) { try XMLNode(parsing: Array(whole[..<count])) }
        }
        var random = SeededGenerator(seed: 1)
        for _ in 0..<5_000 {
            var damaged = whole
            damaged[Int.random(in: 0..<whole.count, using: &random)] = UInt8.random(
                in: 0...255, using: &random)
            _ = try? XMLNode(parsing: damaged)
        }
    }
}
