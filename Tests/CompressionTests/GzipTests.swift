import Compression
import Foundation
import Testing

@Suite("Gzip of whole bytes")
struct GzipTests {
    @Test("what is compressed is read back as it was", arguments: [0, 1, 3, 1_000, 1_000_000])
    func roundTrip(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        let packed = try Gzip.compress(bytes)
        let read = try packed.withUnsafeBytes {
            try Decompressor.decode($0, name: "packed", limit: count + 1)
        }
        #expect(read == bytes)
    }

    @Test("gzip itself reads it")
    func gzipReads() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc"]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(try Gzip.compress(Array("calm".utf8))))
        try input.fileHandleForWriting.close()
        #expect(output.fileHandleForReading.readDataToEndOfFile() == Data("calm".utf8))
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
