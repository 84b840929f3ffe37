import ControlPlane
import Lake
import Primitives

/// What is known of retention.
struct RetentionCheckup {
    let policy: RetentionPolicy
    let state: RetentionState
    let now: Timestamp

    var findings: [Finding] {
        if state.isUnfinished {
            return [
                Finding(
                    .fail, "retention", "events are being made anonymous, and that was not finished",
                    advice: "sesame retention apply, or start the server, which finishes it")
            ]
        }
        guard !policy.isEmpty else { return [Finding(.ok, "retention", "everything is kept")] }
        guard let last = state.lastRun, let time = Timestamp(parsing: last.startedAt) else {
            return [Finding(.warn, "retention", "the limits were not applied yet", advice: Self.advice)]
        }
        if let failure = last.failure {
            return [Finding(.warn, "retention", "the last run was not finished: \(failure)")]
        }
        let days = (now.microseconds - time.microseconds) / 86_400_000_000
        guard days < 2 else {
            return [
                Finding(
                    .warn, "retention", "the limits were last applied \(days) days ago", advice: Self.advice)
            ]
        }
        return [Finding(.ok, "retention", "the limits were last applied at \(time.minuteText)")]
    }

    private static let advice =
        "a server applies them once a day; without one, run sesame retention apply from cron"
}
