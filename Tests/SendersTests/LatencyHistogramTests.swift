import Testing

@testable import Senders

@Suite("Latency histogram")
struct LatencyHistogramTests {
    @Test("every number lies in a bucket that ends at most 1.6 % above it")
    func buckets() {
        for value in Array(0..<5_000) + (12...38).flatMap({ [1 << $0 - 1, 1 << $0, 1 << $0 + 1] }) {
            let bucket = LatencyHistogram.bucket(value)
            let end = LatencyHistogram.end(of: bucket)
            #expect(end >= value && Double(end) <= Double(value) * 1.016)
            if bucket > 0 { #expect(LatencyHistogram.end(of: bucket - 1) < value) }
        }
    }

    @Test("quantiles are those of the numbers")
    func quantiles() {
        var histogram = LatencyHistogram()
        #expect(histogram.quantile(0.5) == 0)
        for value in 1...100 { histogram.add(microseconds: value) }
        #expect(histogram.quantile(0.5) == 50)
        #expect(histogram.quantile(0.99) == 99)
        #expect(histogram.quantile(1) == 100)
        #expect(histogram.largest == 100)
    }

    @Test("a duration of years is counted, not dropped")
    func longest() {
        var histogram = LatencyHistogram()
        histogram.add(microseconds: .max)
        #expect(histogram.quantile(0.5) > 0 && histogram.largest == .max)
    }
}
