/// The files whose rows came to a table after some version, read commit by commit.
///
/// Where files that came since were merged into one, that one takes their place: fewer files to read, and they stay on
/// the disk longer.
struct AddedFiles: Sendable {
    /// The version after which files count.
    let after: Int64
    /// The version up to which commits were taken.
    private(set) var version: Int64
    private let schema: TableSchema
    private var byPath: [String: DataFile] = [:]

    init(after version: Int64, schema: TableSchema) {
        (after, self.version) = (version, version)
        self.schema = schema
    }

    /// The files, in the order of their paths.
    var files: [DataFile] { byPath.values.sorted { $0.path < $1.path } }

    private static let keepingRows: Set = [
        TableErasure.operation, RetentionOperation.anonymise, RetentionOperation.delete,
    ]

    /// Takes the next commit; false where it took rows out of the table, so that files added no longer tell the change.
    mutating func apply(_ actions: [DeltaAction]) -> Bool {
        var merged: [DataFile] = []
        var replaced: [String] = []
        // Some commits change what rows say and keep the rows, as a merge of files does. And where events go for their age,
        // their messages stay, as they were, until the last of their events goes.
        let keepsRows = actions.contains { action in
            guard case .commitInfo(let info) = action, let operation = info["operation"]?.text else {
                return false
            }
            return Self.keepingRows.contains(operation)
        }
        for action in actions {
            switch action {
            case .add(let file) where file.dataChange && !keepsRows:
                byPath[file.path] = DataFile(file, schema: schema)
            case .add(let file): merged.append(DataFile(file, schema: schema))
            case .remove(let file) where file.dataChange && !keepsRows: return false
            case .remove(let file): replaced.append(file.path)
            default: continue
            }
        }
        // A merge with older files mixes new rows with old ones; then the files as they came are what is new.
        if !replaced.isEmpty, replaced.allSatisfy({ byPath[$0] != nil }) {
            for path in replaced { byPath[path] = nil }
            for file in merged { byPath[file.path] = file }
        }
        version += 1
        return true
    }
}
