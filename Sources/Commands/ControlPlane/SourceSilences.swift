import ControlPlane
import Lake
import Primitives

/// Which sources are silent for longer than is usual, as the lake of a home tells.
struct SourceSilences {
    private let rhythms: [String: SourceRhythm]
    private let now = Timestamp.now

    /// Reads the lake. Where there is none, or it cannot be read, the counters alone tell: a list of sources must be had then
    /// most of all.
    init(_ options: HomeOptions) async {
        var found: [String: SourceRhythm] = [:]
        if options.directory.exists {
            do { found = try await openLake(options).sourceRhythms() } catch {
                Terminal.error("sesame: the lake cannot be asked which sources are stale: \(error)")
            }
        }
        rhythms = found
    }

    private func silence(of source: Source, _ status: SourceStatus) -> SourceSilence? {
        guard source.pausedAt == nil else { return nil }
        return SourceSilence(rhythms[source.name], lastSeen: status.lastEventAt, at: now)
    }

    /// `active`, `paused`, `failing` or `stale`; one that fails says why it is silent.
    func state(of source: Source, _ status: SourceStatus) -> String {
        source.state(status, isSilent: silence(of: source, status)?.isStale == true)
    }

    /// For programs.
    func fields(of source: Source, _ status: SourceStatus) -> [(name: String, cell: AnswerRows.Cell)] {
        let silence = silence(of: source, status)
        let number = { (value: Int64?) in value.map { AnswerRows.Cell.number(Double($0)) } ?? .text(nil) }
        return [
            ("is_stale", .flag(silence?.isStale ?? false)),
            ("silent_seconds", number(silence?.since == nil ? nil : silence?.seconds)),
            ("usual_silence_seconds", number(silence?.usualSeconds)),
        ]
    }

    /// What to do about a stale source; nil for others.
    func sentence(of source: Source, _ status: SourceStatus) -> String? {
        guard let silence = silence(of: source, status), silence.isStale else { return nil }
        let elapsed = { (seconds: Int64) in Elapsed(microseconds: seconds * 1_000_000).length }
        return
            "\(source.name) is stale: nothing came for \(elapsed(silence.seconds))"
            + (silence.usualSeconds.map { ", usually something does within \(elapsed($0))" } ?? "")
            + "; look at the AWS side (sesame source setup \(source.name)), or pause or remove it"
    }
}
