import Testing

@testable import Primitives

@Suite("A fail point")
struct FailPointTests {
    @Test("is due at its name and at the chosen time only")
    func due() throws {
        let point = try #require(FailPoint(name: "log.beforeSync", hit: "3"))
        let visits = [
            "log.beforeSync", "log.afterSync", "log.beforeSync", "log.beforeSync", "log.beforeSync",
        ]
        #expect(visits.map { point.isDue(at: $0) } == [false, false, false, true, false])
    }

    @Test(
        "is due at the first visit where no number, or none that can be, is given",
        arguments: [nil, "", "x", "0", "-1"])
    func firstVisit(hit: String?) throws {
        let point = try #require(FailPoint(name: "a", hit: hit))
        #expect(point.isDue(at: "a"))
        #expect(!point.isDue(at: "a"))
    }

    @Test("is not armed without a name")
    func unarmed() {
        #expect(FailPoint(name: nil, hit: "1") == nil)
        #expect(FailPoint(name: "", hit: nil) == nil)
        FailPoint.reached("anything")
    }
}
