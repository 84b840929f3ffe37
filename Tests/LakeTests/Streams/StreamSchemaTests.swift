import Primitives
import Testing

@testable import Lake

@Suite("Declared columns of a stream")
struct StreamSchemaTests {
    @Test("Hive's text is read whatever its spaces and its case, and told again in one way")
    func hiveText() throws {
        let schema = try StreamSchema(
            " id STRING,user_id:varchar( 20 ) ,\n`ts` timestamp, m map< string , array<decimal(10, 2)> >, o struct<a:int,b:struct<c:real>>"
        )
        #expect(schema.columns.map(\.name) == ["id", "user_id", "ts", "m", "o"])
        #expect(
            schema.columns.map(\.type.hiveName) == [
                "string", "string", "timestamp", "map<string,array<decimal(10,2)>>",
                "struct<a:int,b:struct<c:float>>",
            ])
        for column in schema.columns {
            #expect(try HiveText.type(column.type.hiveName) == column.type)
        }
    }

    @Test("a list of columns, a storage descriptor and a whole table of Glue say the same")
    func glue() throws {
        let columns = #"[{"Name":"id","Type":"string"},{"Name":"n","Type":"bigint","Comment":"x"}]"#
        let plain = try StreamSchema("id string, n bigint")
        for text in [
            columns, #"{"Columns":\#(columns)}"#, #"{"StorageDescriptor":{"Columns":\#(columns)}}"#,
            #"{"Table":{"Name":"t","StorageDescriptor":{"Columns":\#(columns)}}}"#,
            #"{"TableInput":{"StorageDescriptor":{"Columns":\#(columns)}}}"#,
        ] {
            #expect(try StreamSchema(text) == plain, "\(text)")
        }
    }

    @Test(
        "what is no schema is refused with a sentence",
        arguments: [
            "", "id", "id uuid", "id int n int", "id int,", "id array<int", "id decimal(39,0)",
            "id decimal(3,4)", "a int, A string", "m map<array<int>,int>", "a b c", "[", "{}", "[{}]",
            "x " + String(repeating: "array<", count: 40), "`a b` int", "\u{0} int",
        ])
    func refused(text: String) {
        let failure = #expect(throws: Failure.self) { try StreamSchema(text) }
        #expect(failure?.kind == .usage)
    }
}
