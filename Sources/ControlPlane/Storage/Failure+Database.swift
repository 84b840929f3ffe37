import GRDB
import Primitives

extension Failure {
    /// SQLite's error on the file at `path`, as a sentence. Statement arguments, which may be personal, stay out of it.
    init(_ error: DatabaseError, path: String) {
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(.storage, "\(path) is damaged or no SQLite database; restore it from a backup")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.limit, "another process held \(path) for over 10 seconds; try again")
        case .SQLITE_FULL:
            self.init(.storage, "cannot write \(path): the disk is full; free space and try again")
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
            self.init(
                .storage,
                "cannot open \(path) for writing; give this user permission to write it and its folder")
        default:
            let reason = error.message ?? "SQLite's code \(error.resultCode.rawValue)"
            self.init(.storage, "cannot use \(path): \(reason)")
        }
    }
}
