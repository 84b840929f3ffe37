import Primitives

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One input that an argument named.
public enum InputPath: Sendable, Hashable {
    /// A file.
    case file(String)
    /// Standard input, written `-`.
    case standardInput

    /// What errors call it.
    public var name: String {
        switch self {
        case .file(let path): path
        case .standardInput: "standard input"
        }
    }
}

/// Turns the arguments of an import into the files they mean.
public enum InputPaths {
    /// The inputs of `arguments`, each once, in the order of the arguments and sorted within each.
    ///
    /// An argument is a file (of any name), a folder (read with all below it; see ``isInput(_:)``), a pattern with `*`,
    /// `?` or `[…]`, or `-`. A name that exists is taken as it is, whatever it contains.
    public static func expand(_ arguments: [String]) throws -> [InputPath] {
        guard !arguments.isEmpty else {
            throw Failure(
                .usage, "nothing to read; name a file, a folder, a pattern, or - for standard input")
        }
        var found: [InputPath] = []
        var seen: Set<InputPath> = []
        for argument in arguments {
            for path in try expand(argument) where seen.insert(path).inserted { found.append(path) }
        }
        return found
    }

    /// Whether a file met in a folder is taken: `.json`, `.ndjson`, `.jsonl`, `.log`, `.txt`, `.gz`, `.zst`, or a name
    /// without an extension, as Firehose writes. Names that begin with `.` or `_` are passed over, as Spark and Hive do.
    public static func isInput(_ name: some StringProtocol) -> Bool {
        if isHidden(name) { return false }
        guard let dot = name.lastIndex(of: ".") else { return true }
        let ending = name[name.index(after: dot)...].lowercased()
        if ["json", "ndjson", "jsonl", "log", "txt", "gz", "zst"].contains(ending) { return true }
        // A Firehose stream may have dots in its name, which its objects begin with: `my.stream-1-2026-08-01-…`.
        return ending.count > 16
    }

    private static func isHidden(_ name: some StringProtocol) -> Bool {
        name.hasPrefix(".") || name.hasPrefix("_")
    }

    private static func expand(_ argument: String) throws -> [InputPath] {
        if argument == "-" { return [.standardInput] }
        var status = stat()
        if stat(argument, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else { return [.file(argument)] }
            return try folder(argument)
        }
        let code = errno
        guard code == ENOENT, argument.contains(where: { "*?[".contains($0) }) else {
            throw fileFailure(argument, code)
        }
        let matches = try matches(of: argument)
        guard !matches.isEmpty else {
            throw Failure(.notFound, "no file matches \(argument); check the pattern and the folder")
        }
        return try matches.flatMap { path in try expand(path) }
    }

    private static func folder(_ path: String) throws -> [InputPath] {
        var files: [String] = []
        try collect(path, into: &files)
        guard !files.isEmpty else {
            throw Failure(
                .notFound,
                "folder \(path) holds no input; files end in .json, .ndjson, .jsonl, .log, .txt, .gz, .zst or in nothing"
            )
        }
        return files.map { .file($0) }
    }

    private static func collect(_ path: String, into files: inout [String]) throws {
        let prefix = path.hasSuffix("/") ? path : path + "/"
        for name in try names(in: path) where !isHidden(name) {
            let full = prefix + name
            var status = stat()
            guard lstat(full, &status) == 0 else { throw fileFailure(full, errno) }
            if status.st_mode & S_IFMT == S_IFLNK {
                // A link to a file is followed; one to a folder is not, for it may lead in a circle.
                guard stat(full, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: try collect(full, into: &files)
            case S_IFREG where isInput(name): files.append(full)
            default: break
            }
        }
    }

    private static func names(in path: String) throws -> [String] {
        guard let folder = opendir(path) else { throw fileFailure(path, errno) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func matches(of pattern: String) throws -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        let status = glob(pattern, 0, nil, &found)
        guard status == 0 || status == GLOB_NOMATCH else {
            throw Failure(.storage, "listing \(pattern) failed; check the permissions of its folders")
        }
        guard status == 0, let paths = found.gl_pathv else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { index in paths[index].map { String(cString: $0) } }
            .sorted()
    }
}

/// An open file that is closed when nobody holds it any more.
final class OpenFile {
    let descriptor: Int32
    private let isOwned: Bool

    init(_ path: InputPath) throws {
        switch path {
        case .standardInput:
            (descriptor, isOwned) = (0, false)
        case .file(let name):
            descriptor = open(name, O_RDONLY | O_CLOEXEC)
            isOwned = true
            if descriptor < 0 { throw fileFailure(name, errno) }
            #if canImport(Glibc)
                // A hint only: the kernel reads further ahead.
                posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
            #endif
        }
    }

    deinit { if isOwned, descriptor >= 0 { close(descriptor) } }
}

private func fileFailure(_ path: String, _ code: Int32) -> Failure {
    switch code {
    case ENOENT, ENOTDIR: Failure(.notFound, "no file or folder \(path); check the path")
    case EACCES, EPERM: Failure(.refused, "\(path) may not be read; give this user permission to read it")
    default: Failure(.storage, "opening \(path): \(String(cString: strerror(code)))")
    }
}
