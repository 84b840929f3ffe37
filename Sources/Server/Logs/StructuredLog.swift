import Logging
import Primitives

/// Log lines with fields, as text or as JSON:
///
///     2026-08-01T12:00:00.123Z info request route="POST /v1/events" status=200 ms=3 …
///     {"time":"2026-08-01T12:00:00.123Z","level":"info","message":"request","route":"POST /v1/events","status":"200",…}
///
/// Fields stand in alphabetical order. Control characters are escaped, so a stranger's text can't begin a line of its own.
struct StructuredLog: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    private let format: ServerConfiguration.LogFormat
    private let writer: LogWriter

    init(level: Logger.Level, format: ServerConfiguration.LogFormat, writer: LogWriter) {
        (logLevel, self.format, self.writer) = (level, format, writer)
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
            .map { (name: $0.key, value: "\($0.value)") }
            .sorted { $0.name < $1.name }
        writer.write(
            StructuredLog.line(
                format, at: .now, level: event.level.rawValue, message: "\(event.message)", fields: fields))
    }

    static func line(
        _ format: ServerConfiguration.LogFormat, at time: Timestamp, level: String, message: String,
        fields: [(name: String, value: String)]
    ) -> String {
        switch format {
        case .json:
            let head: [(String, JSONValue)] = [
                ("time", .text(time.iso8601)), ("level", .text(level)), ("message", .text(message)),
            ]
            let members = head + fields.map { ($0.name, .text($0.value)) }
            return String(decoding: JSONValue.object(members).bytes, as: UTF8.self)
        case .text:
            let pairs = fields.map { " \($0.name)=\(plain($0.value))" }.joined()
            return "\(time.iso8601) \(level) \(oneLine(message))\(pairs)"
        }
    }

    /// A value as it is where it is one word, else in quotes.
    private static func plain(_ value: String) -> String {
        let isWord =
            !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") }
        return isWord ? value : String(decoding: JSONValue.text(value).bytes, as: UTF8.self)
    }

    private static func oneLine(_ text: String) -> String {
        text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
            ? text : String(decoding: JSONValue.text(text).bytes, as: UTF8.self)
    }
}

extension ServerConfiguration {
    /// A logger to standard error as configured, and what waits until its lines are out.
    public func makeLogger() -> (logger: Logger, flush: @Sendable () -> Void) {
        let writer = LogWriter()
        let handler = StructuredLog(level: logLevel, format: logFormat, writer: writer)
        return (Logger(label: "sesame") { _ in handler }, { writer.flush() })
    }
}
