import DuckDB
import Primitives
import Testing

@Suite("Values")
struct ValueTests {
    @Test(
        "every type comes out as the value it is",
        arguments: [
            ("true", Value.boolean(true)),
            ("NULL", .null),
            ("(-5)::TINYINT", .integer(-5)), ("5::SMALLINT", .integer(5)), ("5::INTEGER", .integer(5)),
            ("9223372036854775807", .integer(.max)),
            ("255::UTINYINT", .integer(255)), ("65535::USMALLINT", .integer(65_535)),
            ("4294967295::UINTEGER", .integer(4_294_967_295)), ("7::UBIGINT", .integer(7)),
            ("18446744073709551615::UBIGINT", .hugeint(18_446_744_073_709_551_615)),
            ("(-170141183460469231731687303715884105727)::HUGEINT", .hugeint(-Int128.max)),
            ("340282366920938463463374607431768211455::UHUGEINT", "340282366920938463463374607431768211455"),
            ("1.5::FLOAT", .double(1.5)), ("0.1::FLOAT", .double(0.1)), ("-2.25::DOUBLE", .double(-2.25)),
            ("1.50::DECIMAL(4,2)", .decimal(unscaled: 150, scale: 2)),
            ("-0.05::DECIMAL(9,2)", .decimal(unscaled: -5, scale: 2)),
            ("12345678901234.5::DECIMAL(18,1)", .decimal(unscaled: 123_456_789_012_345, scale: 1)),
            ("0.000000000000000000000001::DECIMAL(38,24)", .decimal(unscaled: 1, scale: 24)),
            ("'short'", "short"),
            ("'a text that is too long to be inlined'", "a text that is too long to be inlined"),
            ("'ünï🙂'", "ünï🙂"), ("''", ""), ("'\\x00\\xFF'::BLOB", .blob([0, 255])),
            ("'10110'::BIT", "10110"),
            ("'550e8400-e29b-41d4-a716-446655440000'::UUID", "550e8400-e29b-41d4-a716-446655440000"),
            ("'{\"a\": 1}'::JSON", "{\"a\": 1}"),
            ("'b'::ENUM('a', 'b')", "b"),
            ("DATE '2026-08-01'", .date(CivilDay(daysSinceEpoch: 20_666))),
            ("TIME '12:34:56.789'", .time(45_296_789_000)),
            ("'12:00:00+02'::TIMETZ", "12:00:00+02"),
            (
                "TIMESTAMP '2026-08-01 12:00:00.123456'",
                .timestamp(Timestamp(microseconds: 1_785_585_600_123_456))
            ),
            (
                "TIMESTAMPTZ '2026-08-01 14:00:00+02'",
                .timestamp(Timestamp(microseconds: 1_785_585_600_000_000))
            ),
            ("'1969-12-31 23:59:59'::TIMESTAMP_S", .timestamp(Timestamp(microseconds: -1_000_000))),
            (
                "'2026-08-01 12:00:00.123'::TIMESTAMP_MS",
                .timestamp(Timestamp(microseconds: 1_785_585_600_123_000))
            ),
            ("'2026-08-01 12:00:00.123456789'::TIMESTAMP_NS", "2026-08-01T12:00:00.123456789Z"),
            ("'infinity'::TIMESTAMP", "infinity"), ("'-infinity'::DATE", "-infinity"),
            (
                "INTERVAL '1 year 2 days 3 seconds'",
                .interval(months: 12, days: 2, microseconds: 3_000_000)
            ),
            ("[1, NULL, 3]", [1, nil, 3]), ("[]::INTEGER[]", []), ("[[1], [2, 3]]", [[1], [2, 3]]),
            ("[1, 2]::INTEGER[2]", [1, 2]),
            (
                "{'a': 1, 'b': ['x']}",
                .structure([.init(name: "a", value: 1), .init(name: "b", value: ["x"])])
            ),
            ("MAP {'k': ['v']}", .map([.init(key: "k", value: ["v"])])),
            ("union_value(num := 2)::UNION(str VARCHAR, num INTEGER)", 2),
            ("123456789012345678901234567890::BIGNUM", "123456789012345678901234567890"),
            ("(-12345)::BIGNUM", "-12345"),
        ] as [(String, Value)])
    func decodes(sql: String, expected: Value) async throws {
        let connection = try Connection(Database())
        #expect(try await connection.rows("SELECT \(sql)") == [[expected]])
        // Beside other rows, so that offsets and constant vectors are met too.
        let sum = try await connection.rows("SELECT i, \(sql) FROM range(3000) t(i)")
        #expect(sum.count == 3000 && sum.allSatisfy { $0[1] == expected })
    }

    @Test(
        "a value that is bound comes back",
        arguments: [
            .null, true, 42, .hugeint(Int128.max), 1.25, .decimal(unscaled: -12_345, scale: 3), "te'xt", "",
            .blob([1, 0, 2]), .timestamp(Timestamp(microseconds: 1_785_585_600_123_456)),
            .date(CivilDay(daysSinceEpoch: -1)), .time(1), .interval(months: 1, days: 2, microseconds: 3),
            ["a", nil, "b"], [], [[1], [2]],
        ] as [Value])
    func binds(value: Value) async throws {
        let connection = try Connection(Database())
        #expect(try await connection.rows("SELECT ?", [value]) == [[value]])
    }

    @Test("the text of values is what DuckDB prints")
    func text() {
        #expect(Value.decimal(unscaled: -5, scale: 2).description == "-0.05")
        #expect(
            Value.interval(months: 14, days: 1, microseconds: 1_500_000).description
                == "1 year 2 months 1 day 00:00:01.500000")
        #expect(Value.map([.init(key: "k", value: ["v", nil])]).description == "{k=[v, NULL]}")
        #expect(Value.structure([.init(name: "a", value: 1)]).description == "{'a': 1}")
        #expect(Value.blob([65, 0]).description == "A\\x00")
        #expect(Value.null.description == "")
    }

    @Test("a type's SQL makes the same type again")
    func types() async throws {
        let connection = try Connection(Database())
        let sql =
            #"STRUCT("a b" INTEGER, c MAP(VARCHAR, DECIMAL(9,2)[])[2], e ENUM('it''s', 'y'), t TIMESTAMPTZ)"#
        let type = try await connection.columns("SELECT NULL::\(sql) AS x")
        #expect(try await connection.columns("SELECT NULL::\(type[0].type.sql) AS x") == type)
        #expect(type[0].name == "x")
    }
}
