/// What each of DuckDB's functions that do more than compute may do here.
///
/// DuckDB's table functions are reached by a plain SELECT, and some change the state of the instance, write files or hide
/// another statement. Locked settings do not stop them, so they are refused by name. A test lists the functions of the
/// DuckDB that is linked and fails on one that is not here.
enum FunctionRules {
    /// Why a function is let through, or that it is not.
    enum Rule: String {
        /// It reads what the statement is given, computes, or tells about the instance.
        case reads
        /// It opens files: DuckDB lets it open the snapshot's and no others.
        case opens
        /// It changes the instance for those who come after.
        case changes
        /// It runs SQL that it is given as data, past the check.
        case runs
        /// It takes addresses in memory from a host language.
        case hosts
    }

    /// The table functions and table macros, with their rules.
    static let tables: [String: Rule] = rules([
        .reads: """
        duckdb_approx_database_count duckdb_columns duckdb_connection_count duckdb_constraints
        duckdb_coordinate_systems duckdb_databases duckdb_dependencies duckdb_extensions
        duckdb_external_file_cache duckdb_functions duckdb_indexes duckdb_keywords duckdb_log_contexts
        duckdb_logs duckdb_logs_parsed duckdb_memory duckdb_optimizers duckdb_prepared_statements
        duckdb_profiling_settings duckdb_schemas duckdb_secret_types duckdb_secrets duckdb_sequences
        duckdb_settings duckdb_table_sample duckdb_tables duckdb_temporary_files duckdb_types
        duckdb_variables duckdb_views generate_series histogram histogram_values icu_calendar_names json_each
        json_tree pg_timezone_names pragma_collations pragma_database_size pragma_metadata_info
        pragma_platform pragma_show pragma_storage_info pragma_table_info pragma_user_agent pragma_version
        query query_table range repeat repeat_row seq_scan summary test_all_types test_vector_types unnest
        which_secret
        """,
        .opens: """
        glob parquet_bloom_probe parquet_file_metadata parquet_full_metadata parquet_kv_metadata
        parquet_metadata parquet_scan parquet_schema read_blob read_csv read_csv_auto read_duckdb read_json
        read_json_auto read_json_objects read_json_objects_auto read_ndjson read_ndjson_auto
        read_ndjson_objects read_parquet read_text sniff_csv
        """,
        .changes: """
        checkpoint disable_logging disable_profiling enable_logging enable_profiling force_checkpoint
        truncate_duckdb_logs
        """,
        .runs: "json_execute_serialized_sql",
        .hosts: "arrow_scan arrow_scan_dumb pandas_scan python_map_function",
    ])

    /// The scalar functions that are not the same every time they are called, with their rules.
    static let volatileScalars: [String: Rule] = rules([
        .reads: """
        current_connection_id current_database current_date current_query current_query_id current_schema
        current_schemas current_transaction_id currval error gen_random_uuid get_current_time
        get_current_timestamp in_search_path nextval now random setseed sleep_ms stats today
        transaction_timestamp txid_current uuid uuidv4 uuidv7
        """,
        .changes: "write_log",
    ])

    /// The functions that no statement may call.
    static let refused = Set(
        tables.merging(volatileScalars) { first, _ in first }
            .filter { ![.reads, .opens].contains($0.value) }.keys)

    private static func rules(_ lists: [Rule: String]) -> [String: Rule] {
        var rules: [String: Rule] = [:]
        for (rule, names) in lists {
            for name in names.split(whereSeparator: \.isWhitespace) { rules[String(name)] = rule }
        }
        return rules
    }
}

extension FunctionRules {
    /// The first call in a statement that is refused; nil if there is none.
    ///
    /// A call is a name before a parenthesis. Quotes and comments are not told apart from the rest, so nothing is hidden by
    /// them, and a text that looks like such a call is refused as well. `query` runs the text that it is given, so that
    /// must stand there as one literal.
    static func refusedCall(in sql: String) -> String? {
        var rest = Substring(sql)
        while let start = rest.firstIndex(where: isWordCharacter) {
            let word = rest[start...].prefix(while: isWordCharacter)
            rest = rest[word.endIndex...]
            let name = word.lowercased()
            guard name == "query" || refused.contains(name) else { continue }
            let next = rest.drop { $0.isWhitespace || $0 == "\"" }
            // By scalars: a combining mark would make another character of the parenthesis.
            guard let scalar = next.unicodeScalars.first, "(/-".unicodeScalars.contains(scalar) else {
                continue
            }
            if name != "query" { return name }
            if !isOneLiteral(next.dropFirst()) { return "query of anything but a text as it stands" }
        }
        return nil
    }

    /// Whether `'…')` begins the text.
    private static func isOneLiteral(_ text: Substring) -> Bool {
        let text = text.drop(while: \.isWhitespace)
        guard text.first == "'" else { return false }
        let behind = text[TokenEnd.find(in: text, after: nil)...]
        return behind.first { !$0.isWhitespace } == ")"
    }

    private static func isWordCharacter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }
}
