import Primitives
import Testing

@testable import Lake

@Suite struct DeltaActionTests {
    static let lines = [
        #"{"add":{"dataChange":true,"modificationTime":1,"partitionValues":{"day":null,"year":"2026"},"path":"year=2026/a%2520b%20c.parquet","size":3,"stats":"{\"numRecords\":1}","zCustom":{"n":1.50}}}"#,
        #"{"cdc":{"path":"x","size":1e3}}"#,
        #"{"commitInfo":{"operation":"WRITE","timestamp":1700000000000}}"#,
        #"{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}"#,
        #"{"remove":{"dataChange":false,"deletionTimestamp":5,"extendedFileMetadata":true,"partitionValues":{},"path":"a","size":9}}"#,
        #"{"txn":{"appId":"log \"1\"","lastUpdated":7,"version":42}}"#,
    ]

    @Test(arguments: lines) func anActionIsWrittenAsItWasRead(_ line: String) throws {
        #expect(try DeltaAction(parsing: line).line == line)
    }

    @Test func pathsAreEncodedInTheLogOnly() throws {
        guard case .add(let file) = try DeltaAction(parsing: Self.lines[0]) else {
            throw Failure(.input, "no add")
        }
        #expect(file.path == "year=2026/a%20b c.parquet")
        #expect(file.partitionValues == ["day": nil, "year": "2026"])
    }

    @Test func metadataKeepsTheWordsOfItsWriter() throws {
        let schema =
            #"{\"fields\":[{\"metadata\":{},\"name\":\"a\",\"nullable\":true,\"type\":{\"containsNull\":false,\"elementType\":\"string\",\"type\":\"array\"}}],\"type\":\"struct\"}"#
        let line =
            #"{"metaData":{"configuration":{"a":"b"},"format":{"options":{},"provider":"parquet"},"id":"i","partitionColumns":[],"schemaString":"\#(schema)"}}"#
        #expect(try DeltaAction(parsing: line).line == line)
    }

    @Test func schemaSurvivesItsText() throws {
        let schema = TableFixture.schema
        #expect(
            try TableSchema(schemaString: schema.schemaString, partitionColumns: schema.partitionColumns)
                == schema)
    }

    @Test(arguments: [
        "", "{", "[1,]", #"{"a" 1}"#, #""\u12""#, "tru", "1 2", #""\x""#,
        String(repeating: "[", count: 1_000),
    ])
    func malformedJSONIsAnError(_ text: String) {
        #expect(throws: Failure.self) { try DeltaJSON(parsing: text) }
    }

    @Test func escapesAreRead() throws {
        #expect(try DeltaJSON(parsing: #""\u00e9\ud83d\ude00\/\n""#) == .string("é😀/\n"))
        #expect(DeltaJSON.string("\u{1}\"").line == #""\u0001\"""#)
    }

    @Test func otherProtocolsAreRefused() {
        #expect(throws: Failure.self) {
            try TableProtocol(minReaderVersion: 3, minWriterVersion: 7).checkReadable()
        }
        #expect(throws: Failure.self) {
            try TableProtocol(minReaderVersion: 1, minWriterVersion: 3).checkWritable()
        }
    }
}
