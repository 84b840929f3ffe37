import Foundation
import Primitives
import Testing
import TestSupport

@testable import EventLog

@Suite("Any damage")
struct DamagePropertyTests {
    private static let texts = (0..<12).flatMap { number in (0...number % 3).map { "\(number).\($0)" } }

    /// A log of three segments whose bytes in one place are not what was written.
    private static func damaged(_ random: inout SeededGenerator) async throws -> TemporaryFolder {
        let folder = TemporaryFolder()
        var options = LogOptions()
        options.segmentBytes = 700
        let log = try await EventLog.open(folder.log, options)
        for number in 0..<12 { try await log.append(batch("\(number)", 1 + number % 3)) }
        let segments = log.index.view.segments.map(\.firstOffset)
        await log.close()
        let target = segments.randomElement(using: &random)!
        var bytes = try folder.bytes(target)
        for _ in 0..<Int.random(in: 1...3, using: &random) { change(&bytes, &random) }
        try folder.write(bytes, target)
        return folder
    }

    private static func change(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let start = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, start + Int.random(in: 1...300, using: &random))
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes.removeSubrange(start..<end)
        case 1: bytes.insert(contentsOf: bytes[start..<end], at: start)
        case 2:
            bytes.insert(contentsOf: (0..<40).map { _ in .random(in: 0...255, using: &random) }, at: start)
        case 3: for index in start..<end { bytes[index] = 0 }
        default: for index in start..<end { bytes[index] = .random(in: 0...255, using: &random) }
        }
    }

    @Test(
        "never gives a record that was not written at its number, and reading gets past it",
        arguments: 0..<150)
    func anyDamage(seed: UInt64) async throws {
        var random = SeededGenerator(state: seed)
        let folder = try await Self.damaged(&random)
        let inspection = try await EventLog.inspect(folder.log)
        guard let log = try? await EventLog.open(folder.log) else {
            #expect(inspection.isDamaged, "only a header that cannot be read keeps a log from opening")
            return
        }
        let reader = log.makeReader()
        var next: UInt64 = 0
        var damages = 0
        var read = 0
        while next < log.durableEnd {
            do {
                let records = try await reader.read(from: next, maximumBytes: 300)
                #expect(records.map(\.text) == Array(Self.texts[Int(next)...].prefix(records.count)))
                #expect(records.map(\.offset) == Array(next..<next + UInt64(records.count)))
                read += records.count
                next += UInt64(records.count)
            } catch LogError.damaged(let damage) {
                #expect(damage.offset == next)
                try #require(damage.resumesAt > next)
                next = damage.resumesAt
                damages += 1
            }
        }
        #expect(damages == inspection.segments.reduce(0) { $0 + $1.damage.count })
        #expect(read == inspection.segments.reduce(0) { $0 + $1.records })
        let range = try await log.append([record("after")])
        #expect(try await reader.read(from: range.lowerBound).map(\.text) == ["after"])
    }
}
