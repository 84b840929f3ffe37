// Signals as AWS sends them. From EventBridge, source aws.ses, all on the default bus:
//   "Sending Status Enabled" | "… Disabled"                       detail.data.record {status, cause, lastUpdatedTimestamp}
//   "Advisor Recommendation Status Open" | "… Resolved" | "… Closed"   detail.data a sentence, detail.metadata {impact, type}
// and of source aws.cloudwatch, "CloudWatch Alarm State Change" whose metric is of the namespace AWS/SES:
//   detail {alarmName, state {value, reason, reasonData, timestamp}, previousState {value},
//   configuration.metrics[].metricStat.metric {namespace, name, dimensions}}
// The same alarm by SNS is one object: AlarmName, NewStateValue, OldStateValue, NewStateReason, StateChangeTime, AWSAccountId,
// AlarmArn, Trigger {Namespace, MetricName, Dimensions [{name, value}]}.

import Lake
import Primitives

/// Reads what AWS says of a sender's reputation.
struct SignalReader {
    private let json: DeltaJSON
    private var signal: ReputationSignal

    /// The signal in bytes that an envelope was known by; nil where they are no JSON after all.
    static func read(
        _ record: EnvelopeRecord, receivedAt: Timestamp, sourceName: String, account: String?, region: String?
    ) -> ReputationSignal? {
        let text = String(decoding: record.bytes, as: UTF8.self)
        guard let json = try? DeltaJSON(parsing: text) else { return nil }
        var reader = SignalReader(
            json: json,
            signal: ReputationSignal(receivedAt: receivedAt, sourceName: sourceName, kind: .other, raw: text))
        reader.signal.account = record.context.account ?? account
        reader.signal.region = record.context.region ?? region
        if json["detail-type"] == nil { reader.readAlarmOfSNS() } else { reader.readEvent() }
        return reader.signal
    }

    private mutating func readEvent() {
        signal.id = json["id"]?.text
        signal.account = json["account"]?.text ?? signal.account
        signal.region = json["region"]?.text ?? signal.region
        signal.eventAt = json["time"]?.text.flatMap { Timestamp(parsing: $0) }
        for resource in json["resources"]?.elements ?? [] { takeScope(ofARN: resource.text ?? "") }
        let (type, detail) = (json["detail-type"]?.text ?? "", json["detail"] ?? .null)
        if type.hasPrefix("Sending Status") {
            readStatus(type, detail)
        } else if type.hasPrefix("Advisor Recommendation") {
            readRecommendation(type, detail)
        } else if type == "CloudWatch Alarm State Change" {
            readAlarm(detail)
        } else {
            signal.reason = type
        }
    }

    private mutating func readStatus(_ type: String, _ detail: DeltaJSON) {
        signal.kind = .sendingStatus
        let record = detail["data"]?["record"]
        signal.status = record?["status"]?.text ?? type.split(separator: " ").last.map { $0.uppercased() }
        signal.reason = record?["cause"]?.text
        signal.impact = detail["metadata"]?["impact"]?.text
    }

    private mutating func readRecommendation(_ type: String, _ detail: DeltaJSON) {
        signal.kind = .recommendation
        signal.status = type.hasSuffix("Open") ? "OPEN" : "RESOLVED"
        signal.statusBefore = type.hasSuffix("Open") ? nil : "OPEN"
        signal.metric = detail["metadata"]?["type"]?.text
        signal.impact = detail["metadata"]?["impact"]?.text
        signal.reason = detail["data"]?.text
        // "The bounce rate exceeded 15.0% based on …"
        let percent = signal.reason?.split(separator: " ").first { $0.hasSuffix("%") }
        signal.value = percent.flatMap { Double($0.dropLast()) }.map { $0 / 100 }
    }

    private mutating func readAlarm(_ detail: DeltaJSON) {
        signal.kind = .alarm
        // By SNS the same alarm comes without it: what it says tells it then, both ways.
        signal.id = nil
        let state = detail["state"]
        signal.status = state?["value"]?.text
        signal.statusBefore = detail["previousState"]?["value"]?.text
        signal.reason = state?["reason"]?.text
        signal.eventAt = state?["timestamp"]?.text.flatMap { Timestamp(parsing: $0) } ?? signal.eventAt
        let metric = Self.metric(of: detail)
        signal.metric = metric?["name"]?.text
        for (name, value) in metric?["dimensions"]?.members ?? [:] { takeScope(name, value.text) }
        takeValue()
    }

    private mutating func readAlarmOfSNS() {
        signal.kind = .alarm
        signal.status = json["NewStateValue"]?.text
        signal.statusBefore = json["OldStateValue"]?.text
        signal.reason = json["NewStateReason"]?.text
        signal.eventAt = json["StateChangeTime"]?.text.flatMap { Timestamp(parsing: $0) }
        // arn:aws:cloudwatch:region:account:alarm:name; `Region` is a name for people.
        let parts = (json["AlarmArn"]?.text ?? "").split(separator: ":", omittingEmptySubsequences: false)
        if parts.count > 5 { (signal.region, signal.account) = (String(parts[3]), String(parts[4])) }
        signal.account = json["AWSAccountId"]?.text ?? signal.account
        signal.metric = json["Trigger"]?["MetricName"]?.text
        for dimension in json["Trigger"]?["Dimensions"]?.elements ?? [] {
            takeScope(dimension["name"]?.text ?? "", dimension["value"]?.text)
        }
        takeValue()
    }

    /// The value is in the reason only: "Threshold Crossed: 1 datapoint [0.0612 (01/08/26 12:00:00)] was greater than …".
    private mutating func takeValue() {
        guard let reason = signal.reason, let open = reason.firstIndex(of: "[") else { return }
        signal.value = Double(reason[reason.index(after: open)...].prefix { "0123456789.eE-+".contains($0) })
    }

    /// `arn:aws:ses:eu-west-1:123456789012:tenant/acme/tn-0001`
    private mutating func takeScope(ofARN arn: String) {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[2] == "ses" else { return }
        let path = parts[5].split(separator: "/")
        guard path.count > 1 else { return }
        switch path[0] {
        case "tenant": (signal.scope, signal.scopeName) = ("tenant", String(path[1]))
        case "configuration-set": (signal.scope, signal.scopeName) = ("configuration_set", String(path[1]))
        case "identity": (signal.scope, signal.scopeName) = ("identity", String(path[1]))
        default: break
        }
    }

    private mutating func takeScope(_ dimension: String, _ value: String?) {
        switch dimension {
        case "ses:configuration-set": (signal.scope, signal.scopeName) = ("configuration_set", value)
        case "ses:tenant-name", "ses:tenant": (signal.scope, signal.scopeName) = ("tenant", value)
        default: break
        }
    }

    /// The metric of SES that an alarm watches; nil for one of another service.
    static func metric(of detail: DeltaJSON) -> DeltaJSON? {
        (detail["configuration"]?["metrics"]?.elements ?? []).lazy
            .compactMap { $0["metricStat"]?["metric"] }.first { $0["namespace"]?.text == "AWS/SES" }
    }

    /// Whether an alarm's `detail` is about a metric of SES.
    static func isAlarmOfSES(_ detail: UnsafeRawBufferPointer) -> Bool {
        let json = try? DeltaJSON(parsing: String(decoding: detail, as: UTF8.self))
        return json.flatMap(metric(of:)) != nil
    }

    /// Whether an alarm's `Trigger` is about a metric of SES.
    static func isTriggerOfSES(_ trigger: UnsafeRawBufferPointer) -> Bool {
        let json = try? DeltaJSON(parsing: String(decoding: trigger, as: UTF8.self))
        return json?["Namespace"]?.text == "AWS/SES"
    }
}
