import ArgumentParser
import Foundation
import Primitives
import Simulation

/// `sesame simulate`: events of an imagined sender, to try, test and measure with.
public struct SimulateCommand: AsyncParsableCommand {
    /// Name and help text.
    public static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Generate SES events as JSON lines, or send them to a receiver.",
        discussion: """
            Equal arguments give equal bytes. About four events follow from a message. With --into, they are sent as SNS, \
            Firehose or EventBridge would: signed, tried again, some twice. Exit status 65 says that some were not taken.
            """)

    @Option(help: "Messages to send.")
    var messages = 100_000

    @Option(help: "Days over which they are sent.")
    var days = 30

    @Option(help: "Chooses the history.")
    var seed: UInt64 = 7

    @Option(name: .shortAndLong, help: "File to write; - is the standard output.")
    var output = "-"

    @Option(help: "File for what was generated, counted: JSON to check an analysis against.")
    var truth: String?

    @Option(help: "Share of events, 0 to 1, that is repeated later.")
    var duplicates = 0.0

    @Option(help: "Share of events, 0 to 1, that comes after younger ones.")
    var outOfOrder = 0.0

    @Option(help: "Day (UTC) before which the last message is sent.")
    var end = SimulationOptions.defaultEnd.description

    @Flag(help: "Leave out the opens, clicks and complaints that would follow after the end.")
    var stopAtEnd = false

    @OptionGroup(title: "Sending to a receiver") var sending: SendingOptions
    @OptionGroup var home: HomeOptions

    /// A command with nothing set, as the argument parser needs it.
    public init() {}

    /// Rejects what does not go together.
    public func validate() throws {
        if sending.into != nil, output != "-" {
            throw ValidationError("--into sends the events; --acknowledged FILE keeps those that were taken")
        }
    }

    /// Generates into a file, standard output or a receiver, then writes the truth.
    public func run() async throws {
        guard let day = Timestamp(parsing: "\(end)T00:00:00Z")?.day else {
            throw Failure(.usage, "the end is '\(end)'; give a day such as 2026-08-01")
        }
        let options = SimulationOptions(
            messages: messages, days: days, seed: seed, duplicates: duplicates, outOfOrder: outOfOrder,
            end: day,
            stopsAtEnd: stopAtEnd)
        if let target = sending.into {
            try await SimulatedSending(options: sending, home: home, simulation: options, truth: truth)
                .run(into: target)
            return
        }
        var simulator = try TrafficSimulator(options)
        var progress = SimulationProgress()
        let result = try LineSink.write(to: output) { sink in
            try simulator.run { line in
                try sink.write(line)
                progress.countLine()
            }
        }
        progress.finish(result)
        if let truth {
            let json = try result.json()
            try LineSink.write(to: truth) { sink in try json.withUnsafeBytes { try sink.write($0) } }
        }
    }
}

/// Shows a person at a terminal that something moves; silent in a pipe.
private struct SimulationProgress {
    private let isShown = isatty(2) == 1
    private var lines = 0

    mutating func countLine() {
        lines += 1
        if isShown, lines % 100_000 == 0 { show("\r\(lines) events") }
    }

    func finish(_ truth: SimulationTruth) {
        if isShown { show("\r\(truth.lines) lines, \(truth.events) events of \(truth.messages) messages\n") }
    }

    private func show(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}

/// Writes bytes in pieces of 1 MiB to a file that appears under its name when it is complete.
///
/// Standard output and whatever exists without being a regular file (a device, a pipe) are written in place: renaming
/// a file over `/dev/null` would take the device from the whole machine.
private struct LineSink {
    private static let bufferSize = 1 << 20

    private let path: String
    /// Where the bytes go until they are complete; nil when they are written in place.
    private let partialPath: String?
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    /// Hands a sink to `body`; the file gets its name if `body` returns, and leaves no trace if it throws.
    static func write<Value>(to path: String, _ body: (inout LineSink) throws -> Value) throws -> Value {
        var sink = try LineSink(path: path)
        do {
            let value = try body(&sink)
            try sink.finish()
            return value
        } catch {
            sink.abandon()
            throw error
        }
    }

    private init(path: String) throws {
        self.path = path
        if path == "-" {
            partialPath = nil
            descriptor = 1
        } else if Self.isWrittenInPlace(path) {
            partialPath = nil
            descriptor = open(path, O_WRONLY | O_CLOEXEC)
        } else {
            let partial = "\(path).partial-\(getpid())"
            partialPath = partial
            descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        }
        guard descriptor >= 0 else { throw Self.failure("cannot create", path) }
        buffer.reserveCapacity(Self.bufferSize + 64 * 1_024)
    }

    private static func isWrittenInPlace(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    }

    mutating func write(_ line: UnsafeRawBufferPointer) throws {
        buffer.append(contentsOf: line)
        if buffer.count >= Self.bufferSize { try flush() }
    }

    /// Makes the file durable before it gets its name, so that the name never stands for half a file.
    private mutating func finish() throws {
        try flush()
        guard let partialPath else { return }
        guard fsync(descriptor) == 0, close(descriptor) == 0, rename(partialPath, path) == 0 else {
            throw Self.failure("cannot complete", path)
        }
    }

    private func abandon() {
        guard let partialPath else { return }
        close(descriptor)
        unlink(partialPath)
    }

    private mutating func flush() throws {
        let path = path
        let descriptor = descriptor
        try buffer.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw Self.failure("cannot write", path) }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func failure(_ what: String, _ path: String) -> Failure {
        Failure(.storage, "\(what) '\(path)': \(String(cString: strerror(errno)))")
    }
}
