import DuckDB
import Testing

@testable import Query

@Suite("FunctionRules")
struct FunctionRulesTests {
    private static func names(where condition: String) async throws -> Set<String> {
        let connection = try Connection(Database())
        let rows = try await connection.rows(
            "SELECT DISTINCT function_name FROM duckdb_functions() WHERE \(condition)")
        return Set(rows.compactMap(\.[0].text))
    }

    // A new DuckDB brings new functions. Whoever links it decides about each before these pass again.

    @Test("every table function of this DuckDB has its rule")
    func tables() async throws {
        let names = try await Self.names(where: "function_type IN ('table', 'table_macro')")
        #expect(names.count > 80)
        #expect(names.subtracting(FunctionRules.tables.keys).isEmpty)
    }

    @Test("every scalar function that is not the same each time has its rule")
    func scalars() async throws {
        let names = try await Self.names(where: "function_type = 'scalar' AND stability <> 'CONSISTENT'")
        #expect(names.count > 20)
        #expect(names.subtracting(FunctionRules.volatileScalars.keys).isEmpty)
    }

    @Test("what changes the engine or hides what runs is refused, what reads is not")
    func verdicts() {
        for name in [
            "enable_logging", "enable_profiling", "disable_logging", "checkpoint", "force_checkpoint",
            "write_log",
        ] {
            #expect(FunctionRules.refusedCall(in: "SELECT * FROM \(name)()") == name)
        }
        #expect(FunctionRules.refusedCall(in: "SELECT * FROM duckdb_functions(), range(3)") == nil)
        #expect(FunctionRules.refusedCall(in: "SELECT checkpoint, checkpoints(1) FROM t") == nil)
    }
}
