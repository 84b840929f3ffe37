import Foundation
import Primitives
import Testing

@testable import Ingest

@Suite("Arguments of an import")
struct InputPathTests {
    private let folder = TemporaryFolder()

    private func expand(_ arguments: String...) throws -> [String] {
        try InputPaths.expand(arguments).map { $0.name.replacingOccurrences(of: folder.path + "/", with: "") }
    }

    @Test("name files, whatever they are called")
    func file() throws {
        let odd = try folder.write("a[1]*.parquet")
        #expect(try InputPaths.expand([odd, "-", odd]) == [.file(odd), .standardInput])
    }

    @Test("name folders, read in order and without what is hidden")
    func tree() throws {
        let firehose = "2026/08/01/10/ses.events-1-2026-08-01-10-00-00-00000000-0000-4000-8000-000000000001"
        let taken = [
            firehose, "2026/08/01/10/ses-1-2026-08-01-10-00-00-x", "2026/08/01/09/b.json.gz", "a.ndjson",
            "b.jsonl",
            "c.log", "d.zst", "e.JSON",
        ]
        for name in taken + [
            ".hidden.json", "_SUCCESS", "_delta_log/0.json", "x.parquet", "y.csv", ".git/z.json",
        ] {
            try folder.write(name)
        }
        #expect(try expand(folder.path) == taken.sorted())
        #expect(try expand(folder.path + "/2026/") == taken.filter { $0.hasPrefix("2026") }.sorted())
    }

    @Test("are patterns where no file has that name")
    func pattern() throws {
        for name in ["a1.json", "a2.json", "b.json", "in/c.json"] { try folder.write(name) }
        #expect(try expand(folder.path + "/a?.json") == ["a1.json", "a2.json"])
        #expect(try expand(folder.path + "/[bi]*", folder.path + "/b.json") == ["b.json", "in/c.json"])
    }

    @Test("that lead nowhere are told so")
    func failures() throws {
        let nothing = folder.path + "/nothing.json"
        #expect(throws: Failure(.notFound, "no file or folder \(nothing); check the path")) {
            try expand(nothing)
        }
        #expect(throws: Failure.self) { try expand(folder.path + "/*.json") }
        let failure = try #require(throws: Failure.self) { try expand(folder.path) }
        #expect(failure.message.hasPrefix("folder \(folder.path) holds no input") == true)
        #expect(throws: Failure.self) { try InputPaths.expand([]) }
        #expect(throws: Failure.self) { try RecordReader(.file(nothing)) }
    }

    @Test("that may not be read are told so", .disabled(if: getuid() == 0, "root may read everything"))
    func permission() throws {
        let path = try folder.write("secret.json")
        chmod(path, 0)
        let failure = try #require(throws: Failure.self) { try RecordReader(.file(path)) }
        #expect(failure.kind == .refused)
    }

    @Test("never follow links in a circle")
    func links() throws {
        let file = try folder.write("in/a.json")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/in/loop", withDestinationPath: folder.path)
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/b.json", withDestinationPath: file)
        #expect(try expand(folder.path) == ["b.json", "in/a.json"])
    }
}
