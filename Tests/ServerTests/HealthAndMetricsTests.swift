import ControlPlane
import EventLog
import Foundation
import Primitives
import Testing

@testable import Server

@Suite("/health")
struct HealthTests {
    @Test("a server that can write is live and ready")
    func well() async throws {
        try await ServerFixture.run { server in
            for path in ["/health", "/health/ready"] {
                let answer = try await server.request("GET", path)
                #expect(answer.status == 200 && answer.text == #"{"live":true,"ready":true,"reasons":[]}"#)
            }
            #expect(try await server.request("GET", "/health/live").text == #"{"live":true}"#)
        }
    }

    @Test("one that cannot is live and not ready, and says why without a path")
    func unwell() async throws {
        let probe = DiskProbe(folder: "/nowhere/secret")
        try await ServerFixture.run(change: { $0.unreadiness = { await probe.reasons() } }) { server in
            let answer = try await server.request("GET", "/health")
            #expect(answer.status == 503 && answer.json["live"] as? Bool == true)
            #expect(answer.json["ready"] as? Bool == false)
            #expect(answer.json["reasons"] as? [String] == ["the event log's disk cannot be written"])
            #expect(try await server.request("GET", "/health/live").status == 200)
        }
    }

    @Test(
        "the probe notices a disk that comes back, not more often than every five seconds, and leaves no file"
    )
    func probe() async throws {
        let folder = TemporaryFolder()
        let clock = TestClock()
        let probe = DiskProbe(folder: folder.path + "/log", uptime: { clock.uptime })
        #expect(await !probe.reasons().isEmpty)
        try FileManager.default.createDirectory(
            atPath: folder.path + "/log", withIntermediateDirectories: true)
        #expect(await !probe.reasons().isEmpty)
        clock.advance(bySeconds: 5)
        #expect(await probe.reasons().isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/log").isEmpty)
    }
}

@Suite("/metrics")
struct MetricsTests {
    @Test("are in Prometheus's text format and count what happened")
    func text() async throws {
        let echo = EchoReceiver()
        try await ServerFixture.run(
            change: {
                $0.receivers = ["sns": echo]
                $0.drainLag = { DrainLag(records: 3, seconds: 1.5) }
            }
        ) { server in
            let token = try await server.token()
            _ = try await server.post(Array("{}".utf8), token: token)
            _ = try await server.post(Array("no".utf8), token: token)
            _ = try await server.request("POST", "/ingest/sns/shop", body: Array("x".utf8))
            _ = try await server.request("GET", "/" + String(repeating: "a", count: 500))
            let answer = try await server.request("GET", "/metrics")
            #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            let found = try PrometheusText.samples(answer.text)
            #expect(found[#"sesame_http_requests_total{route="POST /v1/events",status="200"}"#] == 1)
            #expect(found[#"sesame_http_requests_total{route="POST /v1/events",status="400"}"#] == 1)
            #expect(found[#"sesame_http_requests_total{route="none",status="404"}"#] == 1)
            #expect(found[#"sesame_http_request_bytes_total{route="POST /v1/events"}"#] == 4)
            #expect(found[#"sesame_http_request_duration_seconds_count{route="POST /v1/events"}"#] == 2)
            #expect(found[#"sesame_ingest_requests_total{kind="http",outcome="accepted"}"#] == 1)
            #expect(found[#"sesame_ingest_requests_total{kind="http",outcome="not-json"}"#] == 1)
            #expect(found[#"sesame_ingest_records_total{kind="http"}"#] == 1)
            #expect(found[#"sesame_ingest_records_total{kind="sns"}"#] == 2)
            #expect(found["sesame_log_records_total"] == 1 && found["sesame_log_durable_end"] == 1)
            #expect(found["sesame_drain_lag_records"] == 3 && found["sesame_drain_lag_seconds"] == 1.5)
            #expect(found["sesame_http_requests_in_flight"] == 1)
        }
    }

    @Test("are for this machine, and for others with a token that may read")
    func access() async throws {
        var configuration = ServerConfiguration()
        configuration.trustedProxies = ["127.0.0.1"].compactMap(AddressBlock.init)
        try await ServerFixture.run(configuration) { server in
            let stranger = "X-Forwarded-For: 203.0.113.9"
            #expect(try await server.request("GET", "/metrics").status == 200)
            #expect(try await server.request("GET", "/metrics", headers: [stranger]).status == 401)
            // A proxy that was not told of speaks for strangers as well.
            #expect(
                try await server.request("GET", "/metrics", headers: ["Forwarded: for=127.0.0.1"]).status
                    == 401)
            for (scope, status) in [(APIToken.Scope.read, 200), (.ingest, 403)] {
                let token = try await server.token([scope])
                let answer = try await server.request(
                    "GET", "/metrics", headers: [stranger, "Authorization: Bearer \(token)"])
                #expect(answer.status == status)
            }
        }
    }

    @Test("made-up labels do not fill the memory")
    func bounded() throws {
        let registry = MetricRegistry()
        let family = MetricFamily(name: "x_total", help: "X.", kind: .counter, labels: ["a"])
        for number in 0..<1_000 { registry.add(to: family, ["\(number)"]) }
        let found = try PrometheusText.samples(MetricText.write(registry))
        #expect(found.count == MetricRegistry.seriesLimit + 1)
        #expect(found[#"x_total{a="other"}"#] == 800)
    }

    @Test("labels are escaped, buckets add up")
    func escaping() throws {
        let registry = MetricRegistry()
        registry.add(
            2.5, to: MetricFamily(name: "x", help: "a\\b\nc", kind: .gauge, labels: ["l"]), ["q\"\\\n"])
        let histogram = MetricFamily(name: "h", help: "H.", kind: .histogram([1, 2]))
        for value in [0.5, 1, 1.5, 9] { registry.observe(value, in: histogram) }
        let text = MetricText.write(registry)
        #expect(text.contains(#"x{l="q\"\\\n"} 2.5"#) && text.contains(#"# HELP x a\\b\nc"#))
        let found = try PrometheusText.samples(text)
        #expect(found[#"h_bucket{le="1"}"#] == 2 && found[#"h_bucket{le="2"}"#] == 3)
        #expect(found[#"h_bucket{le="+Inf"}"#] == 4 && found["h_sum"] == 12 && found["h_count"] == 4)
    }
}

/// A checker of Prometheus's text format: names, labels, numbers, a TYPE before the samples of each family, no sample twice.
enum PrometheusText {
    struct Malformed: Error { var line: String }

    static func samples(_ text: String) throws -> [String: Double] {
        guard text.hasSuffix("\n") else { throw Malformed(line: "no newline at the end") }
        var samples: [String: Double] = [:]
        var types: [String: Substring] = [:]
        let name = /[a-zA-Z_:][a-zA-Z0-9_:]*/
        let sample =
            /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\[\\n"])*",?)+\})? (\S+)/
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3)
            if line.hasPrefix("# TYPE ") {
                guard words.count == 4, words[2].wholeMatch(of: name) != nil, types[String(words[2])] == nil,
                    ["counter", "gauge", "histogram"].contains(words[3])
                else { throw Malformed(line: String(line)) }
                types[String(words[2])] = words[3]
            } else if line.hasPrefix("# HELP ") {
                guard words.count == 4, words[2].wholeMatch(of: name) != nil else {
                    throw Malformed(line: String(line))
                }
            } else {
                guard let match = line.wholeMatch(of: sample),
                    let value = match.3 == "+Inf" ? .infinity : Double(match.3)
                else { throw Malformed(line: String(line)) }
                let base = String(match.1).replacing(/_(bucket|sum|count)$/, with: "")
                guard types[String(match.1)] != nil || types[base] == "histogram" else {
                    throw Malformed(line: "no type: \(line)")
                }
                let key = String(match.1) + String(match.2 ?? "")
                guard samples.updateValue(value, forKey: key) == nil else {
                    throw Malformed(line: "twice: \(line)")
                }
            }
        }
        return samples
    }
}
