/// An error that a person reads: what happened, where, and what to do.
///
/// Messages start lower-case, end without a full stop and name their object, so that they read well behind a colon.
public struct Failure: Error, Equatable, CustomStringConvertible {
    /// Whose mistake it is, and so how a surface answers (exit status on the command line, status code over HTTP).
    public enum Kind: String, Sendable {
        /// The caller asked for something that cannot be done as asked.
        case usage
        /// Input could not be read as what it should be.
        case input
        /// A thing that was named is not there.
        case notFound
        /// A rule forbids it.
        case refused
        /// A limit of time, memory or size was reached.
        case limit
        /// The disk, the network or a file under our own care failed.
        case storage
        /// The user interrupted it.
        case cancelled
    }

    /// Whose mistake it is.
    public var kind: Kind
    /// One sentence: what happened, on what, and what to do.
    public var message: String

    /// An error of `kind` with its sentence.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
