import Primitives
import Testing

@testable import Lake

@Suite("From a record to a row")
struct StreamRowReaderTests {
    private func read(
        _ record: String, _ schema: String = "id string, n int, o struct<a:int,b:array<struct<c:string>>>",
        _ change: (inout StreamOptions) -> Void = { _ in }
    ) throws -> (values: [StreamValue], extra: String?) {
        var options = StreamOptions()
        change(&options)
        var reader = StreamRowReader(try StreamSchema(schema).columns, options)
        var copy = record
        let row = try copy.withUTF8 { try reader.read(UnsafeRawBufferPointer($0)) }
        return (row.values, row.extra.map { String(decoding: $0, as: UTF8.self) })
    }

    private func text(_ text: String) -> StreamValue { .text(Array(text.utf8)) }

    @Test("members find their columns whatever their case and their order; the last of two counts")
    func names() throws {
        for record in [
            #"{"ID":"x","N":1}"#, #"{"n":1,"id":"x"}"#, #"{"n":2,"iD":"x","N":1}"#, #"{"\u0069d":"x","n":1}"#,
        ] {
            let row = try read(record)
            #expect(row.values == [text("x"), .integer(1), .null] && row.extra == nil, "\(record)")
        }
    }

    @Test("with case, points and mapping as the SerDe is told")
    func options() throws {
        let row = try read(#"{"timestamp":1,"a.b":2,"N":3,"ts":4}"#, "ts int, a_b int, n int") {
            $0.caseInsensitive = false
            $0.dotsToUnderscores = true
            $0.mappings = ["ts": "timestamp"]
        }
        #expect(row.values == [.integer(1), .integer(2), .null])
        #expect(row.extra == #"{"N":3,"ts":4}"#)
    }

    @Test("what no column takes is kept by its path, the same in any order")
    func extra() throws {
        let expected = #"{"o.b[1].d":[1, 2],"o.x":null,"z":{"k":1.10}}"#
        for record in [
            #"{"z":{"k":1.10},"o":{"x":null,"b":[{"c":"1"},{"d":[1, 2]}]}}"#,
            #"{"o":{"b":[{"c":"1"},{"d":[1, 2]}],"x":null},"z":{"k":1.10}}"#,
        ] {
            let row = try read(record)
            #expect(row.extra == expected)
            #expect(
                row.values == [
                    .null, .null,
                    .structure([.null, .list([.structure([text("1")]), .structure([.null])])]),
                ])
        }
    }

    @Test("a string takes numbers as they are written, and lists and objects as JSON")
    func strings() throws {
        #expect(try read(#"{"id":1.10}"#).values[0] == text("1.10"))
        #expect(try read(#"{"id":[1,"a"]}"#).values[0] == text(#"[1,"a"]"#))
        #expect(try read(#"{"id":"\u00e9\n"}"#).values[0] == text("é\n"))
    }

    @Test("of two equal keys of a map the last counts")
    func maps() throws {
        let row = try read(#"{"m":{"1":"a","2":null,"01":"b"}}"#, "m map<int,string>")
        let entries = [
            StreamValue.Entry(key: .integer(1), value: text("b")), .init(key: .integer(2), value: .null),
        ]
        #expect(row.values == [.map(entries)])
    }

    @Test("a wrong type says where, what and which")
    func wrongTypes() throws {
        for (record, reason) in [
            (#"{"n":"x"}"#, #"n is "x", which is no int"#), (#"{"o":[]}"#, "o is [], which is no struct"),
            (#"{"o":{"b":[{"c":"1"},7]}}"#, "o.b[1] is 7, which is no struct"),
            (#"{"o":{"b":{}}}"#, "o.b is {}, which is no array"), ("[]", "it is no JSON object"),
        ] {
            let refusal = #expect(throws: StreamRefusal.self) { try read(record) }
            #expect(refusal?.reason == reason)
        }
    }
}
