import Analytics
import Foundation
import Testing

@testable import Commands

/// Pages of `docs` that say what the code has.
@Suite("The reference")
struct ReferenceTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let page = root.appending(path: "docs/sql.md")

    @Test("in docs/sql.md is what the code declares")
    func isCurrent() throws {
        let page = try String(contentsOf: Self.page, encoding: .utf8)
        let start = try #require(page.range(of: ReferenceCommand.marker)).lowerBound
        let written = page[start...].split(separator: "\n", omittingEmptySubsequences: false)
        let declared = ReferenceCommand.markdown.split(separator: "\n", omittingEmptySubsequences: false)
        let gone = written.filter { !declared.contains($0) }
        let new = declared.filter { !written.contains($0) }
        #expect(
            written == declared,
            "run the command in ReferenceCommand.swift; the page alone has \(gone), the code alone has \(new)"
        )
    }

    @Test("names every table, and gives every column a type and a sentence")
    func isWhole() {
        for line in ReferenceCommand.markdown.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(cells.count >= 3 && cells[1] != "``" && cells[2].hasSuffix("."), "\(line)")
        }
        for table in ["events", "messages", "refused", "reputation"] {
            #expect(ReferenceCommand.markdown.contains("## Table `\(table)`\n"))
        }
    }

    @Test("names no test in docs/security.md that is not there")
    func testsAreThere() throws {
        let tests = Self.root.appending(path: "Tests")
        var texts: [String: String] = [:]
        for case let name as String in FileManager.default.enumerator(atPath: tests.path) ?? .init()
        where name.hasSuffix(".swift") || name.hasSuffix(".py") {
            texts[name] = try String(contentsOf: tests.appending(path: name), encoding: .utf8)
        }
        let page = try String(
            contentsOf: Self.root.appending(path: "docs/security.md"), encoding: .utf8)
        let names = page.matches(of: /`(test_\w+|[A-Z]\w+Tests(?:\.\w+)?)`/).map { String($0.1) }
        #expect(names.count > 50)
        for name in names {
            let parts = name.split(separator: ".")
            let isThere = texts.values.contains { text in
                guard parts[0].hasSuffix("Tests") else { return text.contains("def \(name)(") }
                return text.contains("struct \(parts[0]) {")
                    && (parts.count == 1 || text.contains("func \(parts[1])("))
            }
            #expect(isThere, "\(name)")
        }
    }
}

/// `docs/metrics.md` and the dictionary.
@Suite("The page of metrics")
struct MetricPageTests {
    @Test("is what the dictionary says")
    func isCurrent() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/metrics.md")
        let page = try String(contentsOf: file, encoding: .utf8)
        #expect(page == MetricReference.markdown, "run: sesame reference metrics > docs/metrics.md")
    }
}

/// `docs/api.md` and the errors that queries have.
@Suite("The page of the API")
struct APIPageTests {
    @Test("lists every code of an error", arguments: AnalyticsError.Code.allCases)
    func code(code: AnalyticsError.Code) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/api.md")
        #expect(try String(contentsOf: file, encoding: .utf8).contains("`\(code.rawValue)`"))
    }
}
