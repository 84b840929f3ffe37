import AWSClients
import Primitives
import Testing

@testable import Pollers

@Suite("What a key says")
struct ObjectKeyTests {
    private func isPassedOver(_ key: String, size: Int = 1, prefix: String = "") -> Bool {
        ObjectKey.isPassedOver(
            S3Object(key: key, etag: "x", size: size, modifiedAt: Timestamp(microseconds: 0)), prefix: prefix)
    }

    @Test(
        "is not asked where it is one of Firehose's or anybody's layouts",
        arguments: [
            "2026/08/01/12/ses-1-2026-08-01-12-00-00-0a1b2c3d-0000-4000-8000-000000000001.gz",
            "ses2026/08/01/x",
            "year=2026/month=08/day=01/hour=12/x.zst", "errors/http-endpoint-failed/2026/08/01/12/x",
            "a b+ü/x.log",
        ])
    func layouts(key: String) {
        #expect(!isPassedOver(key) && ObjectKey.refusal(key) == nil)
    }

    @Test(
        "passes over folders' markers, empty objects and hidden ones, but not for a prefix's own underscore")
    func hidden() {
        #expect(isPassedOver("ses/") && isPassedOver("ses/a", size: 0))
        #expect(isPassedOver("ses/_delta_log/0.json") && isPassedOver("_SUCCESS") && isPassedOver("ses/.a"))
        #expect(!isPassedOver("_ses/a", prefix: "_ses/"))
    }

    @Test("refuses what no reader here knows before it is fetched")
    func refused() {
        #expect(ObjectKey.refusal("2026/08/01/12/x.snappy")?.contains("Snappy") == true)
        #expect(ObjectKey.refusal("x.HSNAPPY")?.contains("Hadoop") == true)
        #expect(ObjectKey.refusal("a.parquet/x") == nil)
    }
}
