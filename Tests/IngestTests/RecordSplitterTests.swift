import Testing

@testable import Ingest

@Suite("Records in a stream")
struct RecordSplitterTests {
    @Test(
        "stand in any framing",
        arguments: [
            "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n",
            "{\"a\":1}\n{\"b\":2}\n{\"c\":3}",
            "{\"a\":1}{\"b\":2}{\"c\":3}",
            "{\"a\":1} {\"b\":2}\n{\"c\":3}\n",
            "\u{feff}{\"a\":1}\r\n{\"b\":2}\r\n\r\n{\"c\":3}\r\n",
            "[{\"a\":1},{\"b\":2},{\"c\":3}]",
            "[\n{\"a\":1},\n{\"b\":2},\n{\"c\":3}\n]\n",
            "[{\"a\":1}\n,{\"b\":2}\n,{\"c\":3}]",
            "[{\"a\":1}]\n[{\"b\":2},{\"c\":3}]",
            "\n\n{\"a\":1}\n\n  {\"b\":2}  \n\t{\"c\":3}\n\n",
            "\u{1e}{\"a\":1}\n\u{1e}{\"b\":2}\n\u{1e}{\"c\":3}\n",
            "{\"a\":1}\n\u{feff}{\"b\":2}\n{\"c\":3}\n",
        ])
    func framings(text: String) {
        let reading = read(text)
        #expect(reading.records == ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"])
        #expect(reading.refusals == [])
    }

    @Test("may be printed over many lines, also where a line looks like a whole record")
    func prettyPrinted() {
        let records = [
            "{ \"a\": {}\n, \"b\": [\n{},\n{}\n]\n}", "{\n\"x\":\n{\n\"y\": 1 }\n}",
            "{ \"a\": {\"b\":1},\n\"c\": {} }",
        ]
        let reading = read(records.joined(separator: "\n") + "\n")
        #expect(reading.records == records)
        #expect(reading.refusals == [])
        #expect(reading.recordPlaces.map(\.line) == [1, 7, 12])
    }

    @Test("know their place")
    func places() {
        let reading = read("\n{\"a\":1}{\"b\":2}\n\n  {\"c\":3}\n")
        #expect(
            reading.recordPlaces == [
                .init(offset: 1, line: 2), .init(offset: 8, line: 2), .init(offset: 19, line: 4),
            ])
    }

    @Test("one a line come the fast way, and the last one exactly")
    func exactness() {
        var splitter = RecordSplitter()
        var output = SplitRecords()
        let done = Array("{\"a\":1}\n{\"b\":2}{}\n{\"c\":3}\n".utf8).withUnsafeBytes {
            splitter.split($0, isLast: true, into: &output)
        }
        #expect(done == 26)
        #expect(output.records.map(\.isExact) == [false, false, true])
        #expect(output.records.map(\.length) == [7, 9, 7])
    }

    @Test("are none in nothing", arguments: ["", "\n\n", "[]", "[\n]\n", "\u{feff}", " , "])
    func nothing(text: String) {
        #expect(read(text) == Reading())
    }
}

@Suite("What is no record")
struct RefusalTests {
    @Test("is refused to the end of its line, and its neighbours survive")
    func garbage() {
        let reading = read("{\"a\":1}\n2026-08-01 INFO {\"x\":1}\n{\"b\":2} tail {\"y\":1}\r\n{\"c\":3}\nend")
        #expect(reading.records == ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"])
        #expect(reading.refusals == ["2026-08-01 INFO {\"x\":1}", "tail {\"y\":1}", "end"])
        #expect(reading.refusalPlaces.map(\.line) == [2, 3, 5])
        #expect(reading.refusalPlaces.map(\.offset) == [8, 40, 62])
        #expect(Set(reading.reasons.map(\.message)) == ["text that is not a JSON object"])
    }

    @Test("takes in lines after it that begin no record")
    func lines() {
        let reading = read("one\n\n  two\n[3]\n{\"a\":1}\nfour\n")
        #expect(reading.refusals == ["one\n\n  two\n[3]", "four"])
        #expect(reading.records == ["{\"a\":1}"])
    }

    /// A writer that crashed leaves a line without its end; the next line is whole.
    @Test(
        "a record cut off by the next line does not take it along",
        arguments: [
            "{\"a\":1", "{\"a\":", "{\"a\":\"x", "{\"a\":\"x\\", "{\"a\":1,", "{\"a", "{", "{\"a\":[",
            "{\"a\":[1,", "{\"a\":[{}",
            "{\"a\":{\"b\":1}", "{\"a\":{\"b\":[{\"c\":1},", "{\"a\":tru", "{\"a\":\"{",
        ])
    func cutOffLine(broken: String) {
        let reading = read("{\"before\":1}\n\(broken)\n{\"after\":1}\n{\"last\":1}\n")
        #expect(reading.records == ["{\"before\":1}", "{\"after\":1}", "{\"last\":1}"])
        #expect(reading.refusals == [broken])
        #expect(reading.reasons == [.cutOffLine])
        #expect(reading.refusalPlaces == [.init(offset: 13, line: 2)])
    }

    @Test("a record cut off at the end of the file is refused")
    func cutOffFile() {
        for broken in ["{\"a\":1", "{\"a\":\"x", "{", "{\"a\":{\"b\":1}", "{\n\"a\":1,\n"] {
            let reading = read("{\"before\":1}\n\(broken)")
            #expect(reading.records == ["{\"before\":1}"])
            #expect(reading.reasons == [.cutOffFile])
            #expect(
                reading.refusals.map(\.count) == [broken.hasSuffix("\n") ? broken.count - 1 : broken.count])
        }
        #expect(Refusal.Reason.cutOffFile.message == "record is cut off at the end of the file")
    }

    @Test("brackets that do not match")
    func brackets() {
        let reading = read("{\"a\":[1}\n{\"b\":1}\n{\"c\":1}]}\n{\"d\":1}\n")
        #expect(reading.records == ["{\"b\":1}", "{\"c\":1}", "{\"d\":1}"])
        #expect(reading.refusals == ["{\"a\":[1}", "}"])
        #expect(reading.reasons == [.brackets, .notAnObject])
    }

    @Test("a broken pretty-printed record is one refusal")
    func brokenPretty() {
        let broken = "{\n  \"a\": \"cut\n  \"b\": 2,\n  \"c\": []\n}"
        let reading = read("{\"x\":1}\n\(broken)\n{\"y\":1}\n")
        #expect(reading.records == ["{\"x\":1}", "{\"y\":1}"])
        #expect(reading.refusals == [broken])
    }

    @Test("a record longer than the limit is refused, and only its beginning is kept")
    func tooLong() {
        let limits = SplitLimits(recordBytes: 100, keptBytes: 20)
        let fits = "{\"a\":\"" + String(repeating: "x", count: 92) + "\"}"
        let long = "{\"a\":\"" + String(repeating: "x", count: 93) + "\"}"
        for size in [1, 7, 150, Int.max] {
            let reading = read("\(fits)\n\(long)\n{\"b\":1}\n", limits: limits) { size }
            #expect(reading.records == [fits, "{\"b\":1}"])
            #expect(reading.refusals == [String(long.prefix(20))])
            #expect(reading.reasons == [.tooLong(limit: 100)])
        }
    }

    @Test("an input made to be walked again and again takes linear time")
    func noQuadraticTime() {
        for line in ["{\"a\":[\n", "{\"a\":\n", "{\"a\":[{},\n", "{\"a\":[\n{},\n", "{\n{\n}"] {
            let text = Array(String(repeating: line, count: 400_000).utf8)
            let reading = read(text)
            #expect(reading.records.count + reading.refusals.count > 0)
        }
    }
}
