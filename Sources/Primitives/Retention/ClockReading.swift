#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the machine's clock said at a moment, and how long the machine had been up.
///
/// Who deletes by age trusts the clock, and a clock can jump: a dead battery, a wrong time server, a restored virtual
/// machine. So it is believed only as far as something else bears it out: the reading before it and the time that the machine was up since,
/// or an event, whose time is AWS's.
public struct ClockReading: Codable, Hashable, Sendable {
    /// The clock's time, microseconds since 1970.
    public var wall: Int64
    /// The system's name for the time since it started.
    public var boot: String
    /// How long the machine had been up then, sleep included, in microseconds.
    public var uptime: Int64

    /// How far the clock may be ahead of what bears it out, in microseconds: a day.
    public static let tolerance: Int64 = 86_400_000_000

    /// A reading.
    public init(wall: Int64, boot: String, uptime: Int64) {
        (self.wall, self.boot, self.uptime) = (wall, boot, uptime)
    }

    /// The reading of this moment.
    public static var now: ClockReading {
        var time = timespec()
        #if os(Linux)
            clock_gettime(CLOCK_BOOTTIME, &time)
        #else
            clock_gettime(CLOCK_MONOTONIC, &time)
        #endif
        return ClockReading(
            wall: Timestamp.now.microseconds, boot: bootID,
            uptime: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    /// The clock's time.
    public var time: Timestamp { Timestamp(microseconds: wall) }

    /// Why the clock cannot be believed; nil where it can.
    ///
    /// A clock that is behind is believed: by it nothing goes before its time.
    ///
    /// - Parameters:
    ///   - last: the reading that was believed last.
    ///   - isBorneOut: whether there is an event within ``tolerance`` of this clock's time.
    public func doubt(after last: ClockReading?, isBorneOut: Bool) -> String? {
        if isBorneOut { return nil }
        guard let last else {
            return "the clock says \(time.iso8601), and no event of the last day bears it out"
        }
        let passed = last.boot == boot ? max(0, uptime - last.uptime) : 0
        if wall <= last.wall + passed + Self.tolerance { return nil }
        let since =
            last.boot == boot
            ? "\(passed / 1_000_000) seconds ago by the machine's uptime"
            : "before the machine was started"
        return
            "the clock says \(time.iso8601); when it was last looked at, \(since), it said \(last.time.iso8601), and no event of "
            + "the last day bears it out"
    }

    private static let bootID: String = {
        guard let file = fopen("/proc/sys/kernel/random/boot_id", "r") else { return "" }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 64)
        guard fgets(&buffer, 64, file) != nil else { return "" }
        let bytes = buffer.prefix { $0 > 32 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }()
}
