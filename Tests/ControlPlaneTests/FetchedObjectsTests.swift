import Primitives
import Testing

@testable import ControlPlane

@Suite("Objects that a source has fetched")
struct FetchedObjectsTests {
    let home = TemporaryHome()

    private func object(_ key: String, _ etag: String = "1", after seconds: Int = 0) -> FetchedObject {
        FetchedObject(key: key, etag: etag, modifiedAt: noon.adding(seconds: seconds))
    }

    @Test("are given by ranges of keys, in the order of S3")
    func ranges() async throws {
        let control = try await home.open()
        let id = try await control.addSource("a", settings: .http, by: tester).source.id
        // By bytes Z is before a, and ü behind z.
        try await control.noteFetched(["p/Z", "p/a", "p/z", "p/ü", "q/a"].map { object($0) }, of: id)
        func keys(_ first: String?, _ last: String?) async throws -> [String] {
            try await control.fetchedObjects(of: id, prefix: "p/", after: first, through: last).keys.sorted()
        }
        #expect(try await keys(nil, nil) == ["p/Z", "p/a", "p/z", "p/ü"].sorted())
        #expect(try await keys("p/Z", "p/z") == ["p/a", "p/z"])
        #expect(try await keys("p/z", nil) == ["p/ü"])
        try await control.forgetFetched(["p/a"], of: id)
        #expect(try await control.fetchedObjectCount(of: id) == 4)
    }

    @Test("are another where their tag is another, and the first of the newest is known")
    func newest() async throws {
        let control = try await home.open()
        let id = try await control.addSource("a", settings: .http, by: tester).source.id
        try await control.noteFetched([object("2"), object("3", after: 60), object("1", after: -60)], of: id)
        #expect(try await control.firstFetchedKey(of: id, since: noon) == "2")
        #expect(try await control.firstFetchedKey(of: id, since: noon.adding(seconds: 61)) == nil)
        try await control.noteFetched([object("2", "2", after: -90)], of: id)
        #expect(try await control.fetchedObjects(of: id, prefix: "", after: nil, through: nil)["2"] == "2")
        #expect(try await control.firstFetchedKey(of: id, since: noon) == "3")
    }

    @Test("go with their source, and are not noted for one that is gone")
    func removal() async throws {
        let control = try await home.open()
        let id = try await control.addSource("a", settings: .http, by: tester).source.id
        try await control.noteFetched([object("1")], of: id)
        try await control.removeSource("a", by: tester)
        #expect(try await control.fetchedObjectCount(of: id) == 0)
        try await control.noteFetched([object("1")], of: id)
        #expect(try await control.fetchedObjectCount(of: id) == 0)
    }
}
