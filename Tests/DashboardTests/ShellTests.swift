import Foundation
import Testing

@testable import Dashboard

@Suite("The shell of the pages")
struct ShellTests {
    private let shell = Shell(
        .init(email: "ann@example.com", role: "owner", csrfToken: "c0ffee"), workspace: "default")

    @Test("it leads to every page and marks the one that is shown")
    func rail() {
        let page = shell.page("Safety", path: "/").text
        for section in Section.all { #expect(page.contains("data-page=\"\(section.path)\"")) }
        #expect(page.matches(of: /aria-current="page"/).count == 1)
        #expect(page.contains("content=\"c0ffee\""))
    }

    @Test("what strangers typed is text in it")
    func escaping() {
        let evil = "\"><script>alert(1)</script>"
        let visitor = Shell.Reader(email: evil, role: evil, csrfToken: evil)
        let page = Shell(visitor, workspace: evil).page(evil, path: "/").text
        #expect(!page.contains("<script>alert"))
    }
}

@Suite("The files of the pages")
struct AssetsTests {
    private static let scripts = URL(filePath: Assets.folder).appending(path: "js")

    private static func modules() throws -> [String: String] {
        let files = try #require(FileManager.default.enumerator(atPath: scripts.path))
        var modules: [String: String] = [:]
        for case let name as String in files where name.hasSuffix(".js") {
            modules[name] = try String(contentsOf: scripts.appending(path: name), encoding: .utf8)
        }
        return modules
    }

    @Test("what a module imports is there")
    func imports() throws {
        let modules = try Self.modules()
        #expect(modules["main.js"] != nil)
        for (name, text) in modules {
            let folder = scripts.appending(path: name).deletingLastPathComponent()
            for match in text.matches(of: /(?:from |import\()'(\.[^']+)'/) {
                let file = folder.appending(path: String(match.1)).standardizedFileURL
                #expect(FileManager.default.fileExists(atPath: file.path), "\(name) imports \(match.1)")
            }
        }
    }

    @Test("no module makes markup of text")
    func noMarkup() throws {
        for (name, text) in try Self.modules() {
            #expect(!text.contains("innerHTML") && !text.contains("insertAdjacentHTML"), "\(name)")
            #expect(!text.contains("eval(") && !text.contains("document.write"), "\(name)")
        }
    }

    private var scripts: URL { Self.scripts }
}
