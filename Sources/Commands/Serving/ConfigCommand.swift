import ArgumentParser
import Foundation
import Lake
import Server

/// `sesame config`: what the server would run with.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the server's settings, and where each comes from.",
        discussion: """
            A flag goes before a variable of the environment, that before a line of sesame.conf in the home folder, that \
            before the default. No setting holds a secret.
            """)

    @OptionGroup var options: HomeOptions
    @OptionGroup(title: "Settings") var server: ServerOptions
    @Option(help: "table, json or csv.") var format = AnswerFormat.table

    func run() async throws {
        let chosen = try server.configuration(of: options).chosen
        var rows = [["home", options.directory.url.path, options.origin]]
        for setting in ServerSetting.allCases {
            guard let value = chosen[setting] else { continue }
            rows.append([setting.rawValue, value.text, value.origin.description])
        }
        guard format == .table else {
            return AnswerRows(
                columns: ["setting", "value", "origin"], rows: rows.map { $0.map { .text($0) } }
            )
            .print(format)
        }
        var table = TextTable("setting", "value", "origin")
        for row in rows { table.add(row) }
        for line in table.lines { print(line) }
    }
}

extension HomeOptions {
    /// Where the home folder's path comes from.
    fileprivate var origin: String {
        if home != nil { return "--home" }
        return ProcessInfo.processInfo.environment["SESAME_HOME"] == nil ? "default" : "$SESAME_HOME"
    }
}
