import Synchronization

/// A metric by its name, what it says, and its labels; declared once, in ``ServerMetrics``.
struct MetricFamily: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case counter
        case gauge
        /// With the upper bounds of its buckets, rising.
        case histogram([Double])

        var word: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    var name: String
    var help: String
    var kind: Kind
    var labels: [String] = []

    // By name alone: it is unique, and families are looked up several times a request.
    static func == (left: MetricFamily, right: MetricFamily) -> Bool { left.name == right.name }
    func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// Counts, gauges and histograms, in memory.
///
/// Each family keeps a bounded number of label sets, so that no stranger can fill the memory with made-up ones: further sets
/// are counted under `other`.
final class MetricRegistry: Sendable {
    /// One value, or a histogram's.
    enum Value: Sendable, Equatable {
        case number(Double)
        /// Counts by bucket (not cumulative, the last is above all bounds) and the sum of what was observed.
        case buckets([Int], sum: Double)
    }

    /// The most label sets of a family.
    static let seriesLimit = 200

    private let families = Mutex<[MetricFamily: [[String]: Value]]>([:])

    /// Adds to a counter.
    func add(_ amount: Double = 1, to family: MetricFamily, _ labels: [String] = []) {
        update(family, labels) { value in
            if case .number(let old)? = value {
                value = .number(old + amount)
            } else {
                value = .number(amount)
            }
        }
    }

    /// Sets a gauge, or a counter that is counted elsewhere.
    func set(_ family: MetricFamily, _ labels: [String] = [], to number: Double) {
        update(family, labels) { $0 = .number(number) }
    }

    /// Notes a value in a histogram.
    func observe(_ number: Double, in family: MetricFamily, _ labels: [String] = []) {
        guard case .histogram(let bounds) = family.kind else { return }
        update(family, labels) { value in
            var counts = [Int](repeating: 0, count: bounds.count + 1)
            var sum = 0.0
            if case .buckets(let old, let oldSum)? = value { (counts, sum) = (old, oldSum) }
            counts[bounds.firstIndex { number <= $0 } ?? bounds.count] += 1
            value = .buckets(counts, sum: sum + number)
        }
    }

    /// All families by name, and their label sets in order.
    var snapshot: [(family: MetricFamily, series: [(labels: [String], value: Value)])] {
        families.withLock { $0 }
            .map { family, series in
                (
                    family,
                    series.map { (labels: $0.key, value: $0.value) }
                        .sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
                )
            }
            .sorted { $0.0.name < $1.0.name }
    }

    private func update(_ family: MetricFamily, _ labels: [String], _ change: (inout Value?) -> Void) {
        families.withLock { families in
            var key = labels
            if let series = families[family], series[labels] == nil, series.count >= Self.seriesLimit {
                key = labels.map { _ in "other" }
            }
            change(&families[family, default: [:]][key])
        }
    }
}
