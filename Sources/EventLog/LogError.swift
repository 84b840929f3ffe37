import Primitives

/// What a caller of the log must tell from other errors.
///
/// All else is a ``Failure``: kind storage from a disk that is full or broken, limit for a batch that is too large.
public enum LogError: Error, Hashable, CustomStringConvertible {
    /// The disk is behind and the queue full; nothing was taken. Try again in so many seconds.
    case overloaded(retryAfterSeconds: Int)
    /// Records that were acknowledged cannot be read.
    case damaged(LogDamage)

    /// What happened, in a sentence.
    public var description: String {
        switch self {
        case .overloaded(let seconds):
            "the event log takes no more at the moment: the disk is behind; try again in \(seconds) s"
        case .damaged(let damage): damage.description
        }
    }
}

/// A place in the log that cannot be read as what was written.
public struct LogDamage: Hashable, Sendable, CustomStringConvertible {
    /// The path of the segment.
    public var segment: String
    /// The byte in it where the damage begins.
    public var position: Int
    /// The first record that is lost.
    public var offset: UInt64
    /// The first record that can be read again; reading from there goes on past the damage.
    public var resumesAt: UInt64
    /// What is wrong there.
    public var reason: String

    /// Where and what, and what to do.
    public var description: String {
        "\(segment) is damaged at byte \(position): \(reason); records \(offset) to \(resumesAt - 1) "
            + "cannot be read; restore the file from a backup"
    }
}
