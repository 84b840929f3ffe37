import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A named place at which a test lets the process die as by a loss of power.
///
/// `SESAME_FAILPOINT=log.beforeSync` names the place, `SESAME_FAILPOINT_HIT=3` the time it is reached (default: the
/// first). The process then sends itself SIGKILL, so that nothing is flushed, closed or answered. Without the variable
/// a place costs one comparison.
public final class FailPoint: Sendable {
    private static let armed = FailPoint(
        name: variable("SESAME_FAILPOINT"), hit: variable("SESAME_FAILPOINT_HIT"))

    private let name: String
    private let hitsLeft: Atomic<Int>

    /// The place that is armed; nil without a name. A `hit` that is no positive number counts as 1.
    init?(name: String?, hit: String?) {
        guard let name, !name.isEmpty else { return nil }
        self.name = name
        hitsLeft = Atomic(max(1, hit.flatMap { Int($0) } ?? 1))
    }

    /// Ends the process here, if this is the place and the time that were named.
    public static func reached(_ name: String) {
        if let armed, armed.isDue(at: name) { kill(getpid(), SIGKILL) }
    }

    /// Counts a visit of `name`; true at the chosen one.
    func isDue(at name: String) -> Bool {
        name == self.name && hitsLeft.subtract(1, ordering: .relaxed).newValue == 0
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
