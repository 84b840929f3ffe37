import CDuckDB

extension ColumnType {
    /// Reads a type that the caller owns, and frees it.
    init(consuming handle: duckdb_logical_type?) {
        self.init(handle)
        var owned = handle
        duckdb_destroy_logical_type(&owned)
    }

    private init(_ handle: duckdb_logical_type?) {
        let id = duckdb_get_type_id(handle)
        switch id {
        case DUCKDB_TYPE_DECIMAL:
            self = .decimal(
                width: Int(duckdb_decimal_width(handle)), scale: Int(duckdb_decimal_scale(handle)))
        case DUCKDB_TYPE_ENUM:
            self = .enumeration(
                (0..<idx_t(duckdb_enum_dictionary_size(handle))).map {
                    String(consuming: duckdb_enum_dictionary_value(handle, $0))
                })
        case DUCKDB_TYPE_LIST:
            self = .list(ColumnType(consuming: duckdb_list_type_child_type(handle)))
        case DUCKDB_TYPE_ARRAY:
            self = .array(
                ColumnType(consuming: duckdb_array_type_child_type(handle)),
                count: Int(duckdb_array_type_array_size(handle)))
        case DUCKDB_TYPE_MAP:
            self = .map(
                key: ColumnType(consuming: duckdb_map_type_key_type(handle)),
                value: ColumnType(consuming: duckdb_map_type_value_type(handle)))
        case DUCKDB_TYPE_STRUCT:
            self = .structure(
                (0..<duckdb_struct_type_child_count(handle)).map {
                    Field(
                        name: String(consuming: duckdb_struct_type_child_name(handle, $0)),
                        type: ColumnType(consuming: duckdb_struct_type_child_type(handle, $0)))
                })
        case DUCKDB_TYPE_UNION:
            self = .union(
                (0..<duckdb_union_type_member_count(handle)).map {
                    Field(
                        name: String(consuming: duckdb_union_type_member_name(handle, $0)),
                        type: ColumnType(consuming: duckdb_union_type_member_type(handle, $0)))
                })
        case DUCKDB_TYPE_VARCHAR:
            let alias = duckdb_logical_type_get_alias(handle).map { String(consuming: $0) }
            self = .scalar(alias == "JSON" ? .json : .text)
        default:
            self = ColumnType.scalars[id.rawValue].map(ColumnType.scalar) ?? .unknown(id.rawValue)
        }
    }

    private static let scalars: [UInt32: Scalar] = [
        DUCKDB_TYPE_BOOLEAN.rawValue: .boolean, DUCKDB_TYPE_TINYINT.rawValue: .tinyint,
        DUCKDB_TYPE_SMALLINT.rawValue: .smallint, DUCKDB_TYPE_INTEGER.rawValue: .integer,
        DUCKDB_TYPE_BIGINT.rawValue: .bigint, DUCKDB_TYPE_UTINYINT.rawValue: .utinyint,
        DUCKDB_TYPE_USMALLINT.rawValue: .usmallint, DUCKDB_TYPE_UINTEGER.rawValue: .uinteger,
        DUCKDB_TYPE_UBIGINT.rawValue: .ubigint, DUCKDB_TYPE_HUGEINT.rawValue: .hugeint,
        DUCKDB_TYPE_UHUGEINT.rawValue: .uhugeint, DUCKDB_TYPE_FLOAT.rawValue: .float,
        DUCKDB_TYPE_DOUBLE.rawValue: .double, DUCKDB_TYPE_BLOB.rawValue: .blob,
        DUCKDB_TYPE_BIT.rawValue: .bit,
        DUCKDB_TYPE_BIGNUM.rawValue: .bignum, DUCKDB_TYPE_UUID.rawValue: .uuid,
        DUCKDB_TYPE_DATE.rawValue: .date,
        DUCKDB_TYPE_TIME.rawValue: .time, DUCKDB_TYPE_TIME_NS.rawValue: .timeNanoseconds,
        DUCKDB_TYPE_TIME_TZ.rawValue: .timeZoned, DUCKDB_TYPE_TIMESTAMP.rawValue: .timestamp,
        DUCKDB_TYPE_TIMESTAMP_S.rawValue: .timestampSeconds,
        DUCKDB_TYPE_TIMESTAMP_MS.rawValue: .timestampMilliseconds,
        DUCKDB_TYPE_TIMESTAMP_NS.rawValue: .timestampNanoseconds,
        DUCKDB_TYPE_TIMESTAMP_TZ.rawValue: .timestampZoned, DUCKDB_TYPE_INTERVAL.rawValue: .interval,
        DUCKDB_TYPE_SQLNULL.rawValue: .null,
    ]
}

extension String {
    /// Takes a string that DuckDB allocated for the caller.
    init(consuming pointer: UnsafeMutablePointer<CChar>?) {
        self = pointer.map { String(cString: $0) } ?? ""
        duckdb_free(pointer)
    }
}
