extension FirehoseDestination {
    /// How records become rows: the `DataFormatConversionConfiguration` of a destination in S3.
    public struct Conversion: Sendable, Equatable {
        /// The Glue table whose columns the records have.
        public var table: String
        /// Whether case makes no difference between a member's name and a column's; true unless told otherwise.
        public var caseInsensitive = true
        /// Whether a point in a member's name counts as an underscore.
        public var dotsToUnderscores = false
        /// Column → the name of the member that it takes.
        public var mappings: [String: String] = [:]
    }

    /// The conversion, where one is switched on and names a table.
    public var conversion: Conversion? {
        let settings = members["ExtendedS3DestinationDescription"]?["DataFormatConversionConfiguration"]
        guard let settings, settings["Enabled"] != .bool(false),
            case .string(let table)? = settings["SchemaConfiguration"]?["TableName"]
        else { return nil }
        var conversion = Conversion(table: table)
        let serde = settings["InputFormatConfiguration"]?["Deserializer"]?["OpenXJsonSerDe"]
        if case .bool(let value)? = serde?["CaseInsensitive"] { conversion.caseInsensitive = value }
        if case .bool(let value)? = serde?["ConvertDotsInJsonKeysToUnderscores"] {
            conversion.dotsToUnderscores = value
        }
        for (column, member) in serde?["ColumnToJsonKeyMappings"]?.members ?? [:] {
            if case .string(let name) = member { conversion.mappings[column] = name }
        }
        return conversion
    }
}
