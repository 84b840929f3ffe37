import ArgumentParser
import ControlPlane
import Foundation
import Lake
import Primitives
import Query

/// `sesame doctor`: what is here, what is wrong, what to do.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look whether everything is in order, and say what to do where it is not.",
        discussion:
            "Nothing is changed. The exit status is 1 if a line says fail. sesame lake verify reads every row besides."
    )

    @OptionGroup var options: HomeOptions

    func run() async throws {
        let home = options.directory
        var findings = [SandboxCheckup.finding] + HomeCheckup(home: home).findings
        do {
            let lake = try EventLake(home: home)
            findings.insert(Finding(.ok, "DuckDB", try await lake.engineVersion()), at: 0)
            if home.exists {
                try await lake.open()
                findings += LakeCheckup(health: try await lake.health(), now: .now).findings
                findings += try ErasureCheckup(journal: lake.erasures).findings
                let policy = try await policy()
                findings +=
                    RetentionCheckup(policy: policy, state: try lake.retention.load(), now: .now).findings
            } else {
                findings.append(
                    Finding(.warn, "lake", "there is none yet", advice: "sesame import FILE makes it"))
            }
        } catch let failure as Failure {
            findings.append(
                Finding(
                    .fail, "lake", failure.message,
                    advice: "restore it from a backup, or make it anew: sesame lake rebuild"))
        }
        for finding in findings { print(finding.line) }
        if findings.contains(where: { $0.level == .fail }) { throw ExitCode(1) }
    }

    /// How long data is kept; nothing is made where there is no database.
    private func policy() async throws -> RetentionPolicy {
        guard ControlDatabase.exists(home: options.directory.url) else { return RetentionPolicy() }
        let control = try await options.makeControl()
        defer { try? control.close() }
        return try await control.retention()
    }
}

/// One line of the doctor's.
struct Finding {
    enum Level: String { case ok, warn, fail }

    let level: Level
    let subject: String
    let state: String
    let advice: String?

    init(_ level: Level, _ subject: String, _ state: String, advice: String? = nil) {
        (self.level, self.subject, self.state, self.advice) = (level, subject, state, advice)
    }

    var line: String {
        let mark = level.rawValue.padding(toLength: 4, withPad: " ", startingAt: 0)
        return "\(mark)  \(subject): \(state)" + (advice.map { " → \($0)" } ?? "")
    }
}

/// What the kernel does for the process that users' SQL runs in.
enum SandboxCheckup {
    static var finding: Finding {
        guard let version = ProcessWalls.landlockVersion else {
            return Finding(
                .warn, "SQL sandbox",
                "the kernel has no Landlock, so only DuckDB keeps statements to the lake's files",
                advice: "use Linux 5.13 or newer with Landlock switched on")
        }
        return Finding(
            .ok, "SQL sandbox", "the kernel keeps statements to the lake's files (Landlock \(version))")
    }
}

/// What the home folder and its disk tell.
struct HomeCheckup {
    let home: HomeDirectory

    var findings: [Finding] {
        let path = home.url.path
        guard FileManager.default.fileExists(atPath: path) else {
            return [Finding(.warn, "home", "\(path) does not exist", advice: "sesame import FILE makes it")]
        }
        return [access(path), permissions(path), space(path)].compactMap { $0 }
    }

    private func access(_ path: String) -> Finding {
        let folder = home.exists ? home.lake.path : path
        guard FileManager.default.isReadableFile(atPath: folder) else {
            return Finding(.fail, "home", "\(folder) cannot be read", advice: "run as the user who owns it")
        }
        guard FileManager.default.isWritableFile(atPath: folder) else {
            return Finding(
                .fail, "home", "\(folder) cannot be written", advice: "run as the user who owns it")
        }
        return Finding(.ok, "home", path)
    }

    private func permissions(_ path: String) -> Finding? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue
        else { return nil }
        guard mode & 0o007 != 0 else {
            return Finding(.ok, "permissions", "closed to other users of this machine")
        }
        let deed = mode & 0o002 != 0 ? "change" : "read"
        return Finding(
            mode & 0o002 != 0 ? .fail : .warn, "permissions",
            "every user of this machine can \(deed) addresses and subjects", advice: "chmod o= \(path)")
    }

    private func space(_ path: String) -> Finding? {
        guard let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path),
            let free = (attributes[.systemFreeSize] as? NSNumber)?.int64Value
        else { return nil }
        let text = "\(Terminal.size(free)) free"
        // A commit of the largest batch takes some ten MB, a compaction the size of a day.
        if free < 100_000_000 {
            return Finding(.fail, "disk", text, advice: "free space before the next import")
        }
        if free < 2_000_000_000 { return Finding(.warn, "disk", text, advice: "free space soon") }
        return Finding(.ok, "disk", text)
    }
}

/// What the lake tells.
struct LakeCheckup {
    let health: LakeHealth
    let now: Timestamp

    var findings: [Finding] { tables + [messages, files, leftovers, clock] + refusals }

    private var tables: [Finding] {
        health.tables.map { table in
            Finding(
                .ok, table.name,
                "\(table.rows.grouped) rows in \(table.files) files, \(Terminal.size(table.bytes)), version "
                    + "\(table.version)")
        }
    }

    private var messages: Finding {
        health.messagesBehind == 0
            ? Finding(.ok, "messages", "up to date with events")
            : Finding(
                .warn, "messages",
                "\(health.messagesBehind) versions behind events, so queries merge the rest",
                advice: "sesame lake compact")
    }

    private var files: Finding {
        let many = health.fragmented.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        guard !many.isEmpty else { return Finding(.ok, "small files", "few") }
        return Finding(
            .warn, "small files",
            many.map { "\($0.value) days of \($0.key) have many" }.joined(separator: ", "),
            advice: "sesame lake compact")
    }

    private var leftovers: Finding {
        guard let first = health.leftovers.first else { return Finding(.ok, "leftovers", "none") }
        let count = health.leftovers.count
        return Finding(
            .warn, "leftovers",
            "\(count) \(count == 1 ? "file" : "files") of stopped commands, such as \(first)",
            advice: first.hasPrefix("datasets/")
                ? "the next sesame dataset add removes them" : "the next import removes them")
    }

    private var clock: Finding {
        guard let newest = health.newestEvent else { return Finding(.ok, "newest event", "none yet") }
        // An hour is more than the clocks of AWS and of mailbox providers differ.
        guard newest.microseconds <= now.microseconds + 3_600_000_000 else {
            return Finding(
                .warn, "clock",
                "the newest event is of \(newest.minuteText), this machine's time is "
                    + "\(now.minuteText)", advice: "set the clock, unless the events are made up")
        }
        return Finding(.ok, "newest event", "\(newest.minuteText) UTC")
    }

    private var refusals: [Finding] {
        guard !health.refusals.isEmpty else { return [Finding(.ok, "refused", "none")] }
        return health.refusals.prefix(5).map {
            Finding(
                .warn, "refused", "\($0.count.grouped) × \(shortened($0.reason, to: 100))",
                advice: "sesame refused list")
        }
    }
}
