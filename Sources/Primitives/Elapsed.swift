/// Time that passed, in the two units that matter: `+2.0 s`, `+3 h 12 min`, `+5 d 4 h`.
public struct Elapsed: CustomStringConvertible, Sendable {
    /// Microseconds.
    public let microseconds: Int64

    /// So many microseconds.
    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// With a plus sign, as between two events.
    public var description: String {
        let tenths = (microseconds + 50_000) / 100_000
        if tenths < 600 { return "+\(tenths / 10).\(tenths % 10) s" }
        let seconds = (microseconds + 500_000) / 1_000_000
        if seconds < 3_600 { return Self.pair(seconds / 60, "min", seconds % 60, "s") }
        let minutes = (seconds + 30) / 60
        if minutes < 1_440 { return Self.pair(minutes / 60, "h", minutes % 60, "min") }
        let hours = (minutes + 30) / 60
        return Self.pair(hours / 24, "d", hours % 24, "h")
    }

    private static func pair(_ large: Int64, _ unit: String, _ small: Int64, _ smallUnit: String) -> String {
        "+\(large) \(unit)" + (small == 0 ? "" : " \(small) \(smallUnit)")
    }

    /// Without the sign: how long something lasted.
    public var length: String { String(description.dropFirst()) }
}
