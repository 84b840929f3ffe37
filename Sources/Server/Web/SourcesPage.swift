import ControlPlane
import Dashboard
import HTTPTypes
import Lake
import Primitives

/// `/sources`: whether events are coming in, by which source, and what was refused.
struct SourcesPage: Sendable {
    let access: Access
    let overview: SourceOverview
    let drainLag: @Sendable () async -> DrainLag?

    var routes: [Route] { [Route(.get, "/sources") { try await show($0) }] }

    typealias Line = SourceOverview.Line

    private func show(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        guard let visitor = try await access.visitor(of: request) else { return .toTheDoor(request) }
        let (lines, refused) = (try await overview.lines(), try await overview.refused())
        return .page(
            Shell(visitor, access.workspace).page(
                "Sources", path: "/sources",
                content: HTML(joining: [
                    Self.summary(lines, refused), Self.lag(await drainLag()), Self.table(lines),
                    Self.table(refused),
                ])))
    }

    /// The answer first: what somebody who is tired must know.
    static func summary(_ lines: [Line], _ refused: [RefusedCount]) -> HTML {
        guard !lines.isEmpty else {
            return """
                <p class="lead">No events can come in yet: there is no source.</p>
                <p>A source is a road on which SES sends events here. On the machine that runs Sesame, make one and set up its
                AWS side with what this prints:</p>
                <pre>sesame source add my-events --kind sns --topic-arn arn:aws:sns:REGION:ACCOUNT:TOPIC
                sesame source setup my-events --url https://YOUR-ADDRESS</pre>
                <p class="muted">Other kinds: firehose, eventbridge, s3, sqs, http.</p>
                """
        }
        let named = { (state: String) in
            lines.filter { $0.state == state }.map(\.source.name).joined(separator: ", ")
        }
        let failing = named("failing")
        let stale = named("stale")
        let heard = lines.filter { $0.status.events > 0 }
        var sentences: [String] = []
        if !failing.isEmpty { sentences.append("Fetching fails: \(failing).") }
        if !stale.isEmpty { sentences.append("Silent for longer than usual: \(stale).") }
        if sentences.isEmpty {
            sentences.append(
                heard.isEmpty
                    ? "Nothing has come yet. Finish the AWS side, then send a mail."
                    : "Events are coming in. Nothing needs you.")
        }
        let tone = failing.isEmpty && stale.isEmpty ? "" : " warn"
        let count = refused.reduce(0) { $0 + $1.count }
        if count > 0 {
            sentences.append(
                "\(count.grouped) \(count == 1 ? "record was" : "records were") refused and kept.")
        }
        return "<p class=\"lead\(tone)\">\(sentences.joined(separator: " "))</p>"
    }

    private static func lag(_ lag: DrainLag?) -> HTML {
        guard let lag else { return "" }
        return lag.records == 0
            ? "<p class=\"muted\">All that was acknowledged can be queried.</p>"
            : """
            <p class="muted">\(lag.records.grouped) records are on their way into the lake, the oldest for
            \(Elapsed(microseconds: Int64(lag.seconds * 1_000_000)).length).</p>
            """
    }

    private static func table(_ lines: [Line]) -> HTML {
        guard !lines.isEmpty else { return "" }
        return """
            <table class="sources">
            <thead><tr><th>Source</th><th>Kind</th><th>State</th><th>Last event, UTC</th>
            <th class="number">Events</th><th class="number">Already there</th><th class="number">Refused</th></tr></thead>
            <tbody>
            \(HTML(joining: lines.map(row)))
            </tbody>
            </table>
            """
    }

    /// What could not be read, by source and reason, and what to do about it.
    private static func table(_ refused: [RefusedCount]) -> HTML {
        guard !refused.isEmpty else { return "" }
        let rows = refused.prefix(50).map { count -> HTML in
            """
            <tr><td>\(count.source)</td><td>\(count.reason)</td><td>\(count.newest.minuteText)</td>
            <td class="number">\(count.count.grouped)</td></tr>
            """
        }
        return """
            <h2>Refused</h2>
            <p class="muted">Their bytes are kept. <code>sesame refused list</code> shows them,
            <code>sesame refused replay</code> takes in what can be read since.</p>
            <table class="refused">
            <thead><tr><th>Source</th><th>Reason</th><th>Newest, UTC</th><th class="number">Records</th></tr></thead>
            <tbody>
            \(HTML(joining: rows))
            </tbody>
            </table>
            """
    }

    private static func row(_ line: Line) -> HTML {
        let status = line.status
        let reasons = status.refusedByReason.sorted { $0.key < $1.key }.map {
            "\($0.key) \($0.value.grouped)"
        }
        let usual = line.silence?.usualSeconds.map {
            "usually within \(Elapsed(microseconds: $0 * 1_000_000).length)"
        }
        let notes = [
            line.state == "stale" ? usual : nil, status.refused > 0 ? reasons.joined(separator: " · ") : nil,
            line.state == "failing" ? status.lastError : nil,
        ].compactMap { $0 }.joined(separator: "; ")
        let note: HTML? = notes.isEmpty ? nil : "<div class=\"muted\">\(notes)</div>"
        return """
            <tr><td>\(line.source.name)\(note)</td><td>\(line.source.kind.rawValue)</td>
            <td class="state \(line.state)">\(line.state)</td><td>\(status.lastEventAt?.minuteText ?? "never")</td>
            <td class="number">\(status.events.grouped)</td><td class="number">\(status.duplicates.grouped)</td>
            <td class="number">\(status.refused.grouped)</td></tr>
            """
    }
}
