import Foundation
import Primitives

/// The folder of a recipe's files; see RollupDays.swift for their names.
struct RollupFolder: Sendable {
    let path: String

    init(_ home: HomeDirectory, _ recipe: String) {
        path = home.table("rollups").appending(path: recipe).path
    }

    /// The folders that there are.
    static func all(in home: HomeDirectory) throws -> [RollupFolder] {
        try TableDisk.names(in: home.table("rollups").path).sorted().map { RollupFolder(home, $0) }
    }

    func location(_ name: String) -> String { "\(path)/\(name).parquet" }

    /// The names of the files, without their endings.
    func names() throws -> Set<String> {
        let ending = ".parquet"
        return Set(
            try TableDisk.names(in: path).filter { !$0.hasPrefix(".") && $0.hasSuffix(ending) }
                .map { String($0.dropLast(ending.count)) })
    }

    /// A name for a file that is being written.
    func makeTemporary() throws -> String {
        try TableDisk.makeFolder(path)
        return "\(path)/.\(UUID().uuidString)"
    }

    /// Gives a file its name once it is on the disk.
    func settle(_ temporary: String, as name: String) throws {
        try TableDisk.sync(temporary)
        FailPoint.reached("rollup.beforeName")
        guard rename(temporary, location(name)) == 0 else {
            let code = errno
            unlink(temporary)
            throw TableDisk.failure("write", location(name), code)
        }
        try TableDisk.sync(path)
    }

    /// Removes what a writer that was killed left.
    func removeTemporaries() throws {
        for name in try TableDisk.names(in: path) where name.hasPrefix(".") {
            try TableDisk.deleteTree("\(path)/\(name)")
        }
    }

    func remove(_ name: String) throws { try TableDisk.delete(location(name)) }
}
