import Primitives

extension DeltaAction {
    /// Reads one line of a commit.
    ///
    /// - Throws: ``Failure`` of kind `storage` where the line is not an action.
    public init(parsing line: some StringProtocol) throws(Failure) {
        let json = try DeltaJSON(parsing: line)
        guard case .object(let members) = json, members.count == 1, let (name, body) = members.first else {
            throw Failure(.storage, "a line of the log does not hold one action: \(line.prefix(80))")
        }
        self = try DeltaAction(named: name, body: body)
    }

    /// Reads the action called `name` from its fields.
    init(named name: String, body: DeltaJSON) throws(Failure) {
        guard case .object(let members) = body else {
            self = .unknown(name, body)
            return
        }
        var fields = ActionFields(action: name, members: members)
        switch name {
        case "protocol": self = .protocol(try TableProtocol(&fields))
        case "metaData": self = .metadata(try TableMetadata(&fields))
        case "add": self = .add(try AddFile(&fields))
        case "remove": self = .remove(try RemoveFile(&fields))
        case "txn": self = .transaction(try TransactionMark(&fields))
        case "commitInfo": self = .commitInfo(members)
        default: self = .unknown(name, body)
        }
    }

    /// The action as a line of the log, without a line feed; keys are sorted.
    public var line: String {
        let (name, body): (String, DeltaJSON) =
            switch self {
            case .protocol(let action): ("protocol", action.json)
            case .metadata(let action): ("metaData", action.json)
            case .add(let action): ("add", action.json)
            case .remove(let action): ("remove", action.json)
            case .transaction(let action): ("txn", action.json)
            case .commitInfo(let members): ("commitInfo", .object(members))
            case .unknown(let name, let body): (name, body)
            }
        return DeltaJSON.object([name: body]).line
    }
}

/// The fields of one action, taken out one by one; what is left is unknown.
struct ActionFields {
    let action: String
    var members: [String: DeltaJSON]

    mutating func take(_ key: String) -> DeltaJSON? {
        guard let value = members.removeValue(forKey: key), value != .null else { return nil }
        return value
    }

    func missing(_ key: String) -> Failure {
        Failure(.storage, "the log has an action '\(action)' without a readable '\(key)'")
    }

    mutating func string(_ key: String) throws(Failure) -> String {
        guard let value = take(key)?.text else { throw missing(key) }
        return value
    }

    mutating func integer(_ key: String) throws(Failure) -> Int64 {
        guard let value = take(key)?.int64 else { throw missing(key) }
        return value
    }

    /// What nothing asked for; nulls carry nothing.
    var rest: [String: DeltaJSON] { members.filter { $0.value != .null } }
}

/// An object of the fields that have a value, beside the unknown ones.
private func object(_ fields: [String: DeltaJSON?], _ unknown: [String: DeltaJSON]) -> DeltaJSON {
    .object(unknown.merging(fields.compactMapValues { $0 }) { _, known in known })
}

private func object(_ map: [String: String?]) -> DeltaJSON {
    .object(map.mapValues { DeltaJSON.optional($0) })
}

extension TableProtocol {
    init(_ fields: inout ActionFields) throws(Failure) {
        minReaderVersion = try fields.integer("minReaderVersion")
        minWriterVersion = try fields.integer("minWriterVersion")
        unknown = fields.rest
    }

    var json: DeltaJSON {
        object(
            ["minReaderVersion": .integer(minReaderVersion), "minWriterVersion": .integer(minWriterVersion)],
            unknown)
    }
}

extension TableMetadata {
    init(_ fields: inout ActionFields) throws(Failure) {
        let partitions = fields.take("partitionColumns")?.elements ?? []
        let schemaString = try fields.string("schemaString")
        self.init(
            id: try fields.string("id"),
            schema: try TableSchema(
                schemaString: schemaString, partitionColumns: partitions.compactMap(\.text)),
            schemaString: schemaString)
        name = fields.take("name")?.text
        summary = fields.take("description")?.text
        let format = fields.take("format")?["provider"]?.text
        guard format == nil || format == "parquet" else {
            throw Failure(.storage, "the table's files are of the format '\(format ?? "")', not Parquet")
        }
        configuration = fields.take("configuration")?.members?.compactMapValues(\.text) ?? [:]
        createdTime = fields.take("createdTime")?.int64
        unknown = fields.rest
    }

    var json: DeltaJSON {
        object(
            [
                "id": .string(id), "name": name.map { .string($0) },
                "description": summary.map { .string($0) },
                "format": .object(["provider": .string("parquet"), "options": .object([:])]),
                "schemaString": .string(schemaString),
                "partitionColumns": .array(schema.partitionColumns.map { .string($0) }),
                "configuration": .object(configuration.mapValues { .string($0) }),
                "createdTime": createdTime.map { .integer($0) },
            ], unknown)
    }
}

extension AddFile {
    init(_ fields: inout ActionFields) throws(Failure) {
        path = DeltaPath.decode(try fields.string("path"))
        partitionValues = fields.take("partitionValues")?.stringMap ?? [:]
        size = try fields.integer("size")
        modificationTime = try fields.integer("modificationTime")
        dataChange = fields.take("dataChange")?.bool ?? true
        stats = fields.take("stats")?.text
        tags = fields.take("tags")?.stringMap
        unknown = fields.rest
    }

    var json: DeltaJSON {
        object(
            [
                "path": .string(DeltaPath.encode(path)), "partitionValues": object(partitionValues),
                "size": .integer(size), "modificationTime": .integer(modificationTime),
                "dataChange": .boolean(dataChange), "stats": stats.map { .string($0) },
                "tags": tags.map { object($0) },
            ], unknown)
    }
}

extension RemoveFile {
    init(_ fields: inout ActionFields) throws(Failure) {
        path = DeltaPath.decode(try fields.string("path"))
        deletionTimestamp = fields.take("deletionTimestamp")?.int64
        dataChange = fields.take("dataChange")?.bool ?? true
        extendedFileMetadata = fields.take("extendedFileMetadata")?.bool
        partitionValues = fields.take("partitionValues")?.stringMap
        size = fields.take("size")?.int64
        unknown = fields.rest
    }

    var json: DeltaJSON {
        object(
            [
                "path": .string(DeltaPath.encode(path)),
                "deletionTimestamp": deletionTimestamp.map { .integer($0) },
                "dataChange": .boolean(dataChange),
                "extendedFileMetadata": extendedFileMetadata.map { .boolean($0) },
                "partitionValues": partitionValues.map { object($0) }, "size": size.map { .integer($0) },
            ], unknown)
    }
}

extension TransactionMark {
    init(_ fields: inout ActionFields) throws(Failure) {
        appId = try fields.string("appId")
        version = try fields.integer("version")
        lastUpdated = fields.take("lastUpdated")?.int64
        unknown = fields.rest
    }

    var json: DeltaJSON {
        object(
            [
                "appId": .string(appId), "version": .integer(version),
                "lastUpdated": lastUpdated.map { .integer($0) },
            ], unknown)
    }
}
