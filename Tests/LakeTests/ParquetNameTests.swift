import Testing

@testable import Lake

@Suite("Names of Parquet files")
struct ParquetNameTests {
    @Test("a new name is Sesame's, and no two are the same")
    func new() {
        let names = Set((0..<100).map { _ in ParquetName.new() })
        #expect(names.count == 100)
        #expect(names.allSatisfy(ParquetName.isOurs))
    }

    @Test("what replaces a file lies in its folder", arguments: ["day=2026-08-01/x.parquet", "x.parquet"])
    func beside(path: String) {
        let new = ParquetName.new(beside: path)
        #expect(ParquetName.isOurs(new))
        #expect(new.split(separator: "/").dropLast() == path.split(separator: "/").dropLast())
    }

    @Test(
        "files of Spark, of delta-rs and of anybody else are not Sesame's",
        arguments: [
            "part-00000-2f6c1f0e-5b1a-4c1e-9d3a-0d6b8e9c7f11-c000.snappy.parquet",
            "0-2f6c1f0e-5b1a-4c1e-9d3a-0d6b8e9c7f11-0.parquet", "part-0.parquet", "", "/",
            "part-2f6c1f0e-5b1a-4c1e-9d3a0d6b-8e9c7f11.parquet",
            "part-2f6c1f0e-5b1a-4c1e-9d3a-0d6b8e9c7f11.parquet/x",
        ])
    func others(path: String) {
        #expect(!ParquetName.isOurs(path))
    }
}
