import Query
import Testing

@testable import Commands

@Suite("QueryProgressLine")
struct QueryProgressLineTests {
    @Test("says the part that is done where DuckDB knows it, and the time")
    func text() {
        #expect(QueryProgressLine.text(QueryProgress(fraction: 0.428, seconds: 1.23)) == "… 42 % · 1.2 s")
        #expect(QueryProgressLine.text(QueryProgress(fraction: nil, seconds: 12)) == "… 12.0 s")
    }
}
