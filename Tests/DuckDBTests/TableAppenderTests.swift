import DuckDB
import Primitives
import Testing

@Suite("TableAppender")
struct TableAppenderTests {
    @Test("every kind of column is filled, across chunks, and reads back")
    func fills() async throws {
        let connection = try Connection(Database())
        try await connection.execute(
            """
            CREATE TABLE t(id BIGINT, day DATE, flag BOOLEAN, name VARCHAR, score DOUBLE, hash HUGEINT, seen_at TIMESTAMPTZ,
              labels VARCHAR[], headers STRUCT(name VARCHAR, value VARCHAR)[], tags MAP(VARCHAR, VARCHAR[]))
            """)
        let rows = 10_000
        try await connection.withAppender(table: "t") { appender in
            for row in 0..<rows { try TableAppenderTests.write(row, to: appender) }
        }
        let check = """
            SELECT count(*),
              bool_and(day = DATE '1970-01-01' + id::INTEGER), bool_and(flag = (id % 2 = 0)),
              bool_and(name IS NOT DISTINCT FROM CASE WHEN id % 3 = 0 THEN NULL ELSE 'name of mail ' || id END),
              bool_and(score = id / 2), bool_and(hash = id::HUGEINT * 18446744073709551616),
              bool_and(epoch_us(seen_at) = id), bool_and(len(labels) = id % 5),
              bool_and(labels = list_transform(range(id % 5), lambda x: CASE WHEN x = 3 THEN NULL ELSE 'l' || x END)),
              bool_and(headers IS NOT DISTINCT FROM CASE WHEN id % 7 = 0 THEN NULL
                ELSE [{'name': 'From', 'value': 'sender number ' || id}, {'name': 'X', 'value': NULL}, NULL] END),
              bool_and(tags['ses:campaign'] = [id::VARCHAR, 'second value of the tag'] AND tags['none'] = [])
            FROM t
            """
        let expected = [Value.integer(Int64(rows))] + Array(repeating: .boolean(true), count: 10)
        #expect(try await connection.rows(check) == [expected])
    }

    private static func write(_ row: Int, to appender: TableAppender) throws {
        let at = appender.rowCount
        appender.column(0).setInt64(at, Int64(row))
        appender.column(1).setInt32(at, Int32(row))
        appender.column(2).setBool(at, row % 2 == 0)
        if row % 3 == 0 {
            appender.column(3).setNull(at)
        } else {
            appender.column(3).setText(at, "name of mail \(row)")
        }
        appender.column(4).setDouble(at, Double(row) / 2)
        appender.column(5).setInt128(at, Int128(row) << 64)
        appender.column(6).setInt64(at, Int64(row))
        writeNested(row, at, appender)
        try appender.endRow()
    }

    private static func writeNested(_ row: Int, _ at: Int, _ appender: TableAppender) {
        let labels = appender.column(7)
        labels.beginList()
        for index in 0..<row % 5 {
            let element = labels.appendElement()
            if index == 3 {
                labels.element.setNull(element)
            } else {
                labels.element.setText(element, "l\(index)")
            }
        }
        labels.endList(at)

        let headers = appender.column(8)
        if row % 7 == 0 {
            headers.setNull(at)
        } else {
            let first = headers.setList(at, count: 3)
            headers.element.field(0).setText(first, "From")
            headers.element.field(1).setText(first, "sender number \(row)")
            headers.element.field(0).setText(first + 1, "X")
            headers.element.field(1).setNull(first + 1)
            headers.element.setNull(first + 2)
        }

        let tags = appender.column(9)
        let entry = tags.setList(at, count: 2)
        let (keys, values) = (tags.element.field(0), tags.element.field(1))
        keys.setText(entry, "ses:campaign")
        let value = values.setList(entry, count: 2)
        values.element.setText(value, "\(row)")
        values.element.setText(value + 1, "second value of the tag")
        keys.setText(entry + 1, "none")
        _ = values.setList(entry + 1, count: 0)
    }

    @Test("columns can be written one after the other and flushed together")
    func columnwise() async throws {
        let connection = try Connection(Database())
        try await connection.execute("CREATE TABLE t(a BIGINT, b VARCHAR)")
        let flushed = try await connection.withAppender(table: "t") { appender in
            for _ in 0..<3 {
                for row in 0..<TableAppender.capacity { appender.column(0).setInt64(row, 1) }
                for row in 0..<TableAppender.capacity { appender.column(1).setText(row, "") }
                try appender.flush(rows: TableAppender.capacity)
            }
            return appender.flushedCount
        }
        #expect(flushed == 3 * 2048)
        #expect(try await connection.rows("SELECT sum(a)::BIGINT, max(b) FROM t") == [[6144, ""]])
    }

    @Test("one list longer than any buffer grows it")
    func longList() async throws {
        let connection = try Connection(Database())
        try await connection.execute("CREATE TABLE t(a STRUCT(x VARCHAR, y BIGINT[])[])")
        try await connection.withAppender(table: "t") { appender in
            let column = appender.column(0)
            column.beginList()
            for index in 0..<100_000 {
                let element = column.appendElement()
                if index % 10 == 0 {
                    column.element.field(0).setNull(element)
                } else {
                    column.element.field(0).setText(element, "text number \(index)")
                }
                let start = column.element.field(1).setList(element, count: 1)
                column.element.field(1).element.setInt64(start, Int64(index))
            }
            column.endList(0)
            try appender.endRow()
        }
        let sql = "SELECT count(*), count(s.x), sum(s.y[1])::BIGINT FROM (SELECT unnest(a) AS s FROM t)"
        #expect(try await connection.rows(sql) == [[100_000, 90_000, 4_999_950_000]])
    }

    @Test("a table that is not there, and a constraint that does not hold, are errors with a name")
    func errors() async throws {
        let connection = try Connection(Database())
        let missing = await #expect(throws: Failure.self) {
            try await connection.withAppender(table: "nowhere") { _ in }
        }
        #expect(missing?.message.contains("nowhere") == true)
        try await connection.execute("CREATE TABLE t(a BIGINT PRIMARY KEY)")
        let twice = await #expect(throws: Failure.self) {
            try await connection.withAppender(table: "t") { appender in
                for _ in 0..<2 {
                    appender.column(0).setInt64(appender.rowCount, 1)
                    try appender.endRow()
                }
            }
        }
        #expect(
            twice?.message.contains("Constraint") == true || twice?.message.contains("PRIMARY KEY") == true)
    }
}
