import Foundation
import Scanning
import Testing
import TestSupport

@testable import Ingest

@Suite("The splitter")
struct RecordSplitterPropertyTests {
    /// How a writer puts records into a stream.
    enum Framing: CaseIterable {
        case lines, concatenated, array, arrayOfLines, pretty, mixture

        func render(_ trees: [JSONTree], _ generator: inout SeededGenerator) -> (
            text: String, records: [String]
        ) {
            let records = trees.map { tree in
                let isPretty = self == .pretty || self == .mixture && Bool.random(using: &generator)
                return isPretty ? tree.pretty(&generator) : tree.compact
            }
            switch self {
            case .lines: return (records.map { $0 + "\n" }.joined(), records)
            case .concatenated: return (records.joined(), records)
            case .array: return ("[" + records.joined(separator: ",") + "]", records)
            case .arrayOfLines: return ("[\n" + records.joined(separator: ",\n") + "\n]\n", records)
            case .pretty: return (records.joined(separator: "\n"), records)
            case .mixture:
                let between = ["", "\n", "\r\n", "\n\n", " ", "\n[", "]\n", ",\n"]
                return (
                    records.map { $0 + (between.randomElement(using: &generator) ?? "") }.joined(), records
                )
            }
        }
    }

    @Test("gives the same records in every framing and cut", arguments: Framing.allCases)
    func framings(framing: Framing) {
        for seed in 0..<150 {
            var generator = SeededGenerator(seed: seed)
            let trees = (0..<Int.random(in: 0...12, using: &generator)).map { _ in randomObject(&generator) }
            let (text, records) = framing.render(trees, &generator)
            let bytes = Array(text.utf8)
            let whole = read(bytes)
            #expect(whole.records == records, "seed \(seed): \(text)")
            #expect(whole.refusals == [], "seed \(seed): \(text)")
            #expect(
                whole.recordPlaces.map(\.line) == lines(of: whole.recordPlaces, in: bytes), "seed \(seed)")
            let longest = [1, 3, 50, 1_000].randomElement(using: &generator) ?? 1
            let cut = read(bytes) { Int.random(in: 1...longest, using: &generator) }
            #expect(cut == whole, "seed \(seed)")
        }
    }

    @Test("never stops at garbage, loses none of it, and reads it the same in every cut")
    func mutations() {
        for seed in 0..<600 {
            var generator = SeededGenerator(seed: seed)
            var bytes: [UInt8] = []
            for _ in 0..<8 { bytes += Array((randomObject(&generator).compact + "\n").utf8) }
            mutate(&bytes, &generator)
            let whole = read(bytes)
            let cut = read(bytes) { Int.random(in: 1...40, using: &generator) }
            #expect(cut == whole, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
            let kept = (whole.records + whole.refusals).joined().utf8.filter(isContent).count
            let given = String(decoding: bytes, as: UTF8.self).utf8.filter(isContent).count
            #expect(kept == given, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test("refuses what is too long the same in every cut")
    func limits() {
        for seed in 0..<300 {
            var generator = SeededGenerator(seed: seed)
            let limits = SplitLimits(
                recordBytes: Int.random(in: 8...200, using: &generator),
                keptBytes: Int.random(in: 1...100, using: &generator))
            let trees = (0..<10).map { _ in randomObject(&generator) }
            var bytes = Array(Framing.mixture.render(trees, &generator).text.utf8)
            if seed.isMultiple(of: 2) { mutate(&bytes, &generator) }
            let whole = read(bytes, limits: limits)
            let cut = read(bytes, limits: limits) { Int.random(in: 1...40, using: &generator) }
            #expect(cut == whole, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
            #expect(
                whole.records.allSatisfy { $0.unicodeScalars.count <= limits.recordBytes }, "seed \(seed)")
            #expect(whole.refusals.allSatisfy { $0.unicodeScalars.count <= limits.keptBytes }, "seed \(seed)")
        }
    }

    @Test("one bad line costs no other")
    func neighbours() {
        for seed in 0..<400 {
            var generator = SeededGenerator(seed: seed)
            var good = (0..<6).map { _ in randomObject(&generator).compact }
            let victim = randomObject(&generator).compact
            // White space at its end is not kept.
            let cut = victim.prefix(Int.random(in: 1..<victim.count, using: &generator))
                .trimmingCharacters(in: .whitespaces)
            var lines = good
            lines.insert(cut, at: 3)
            let reading = read(lines.joined(separator: "\n") + "\n")
            good.removeAll { !reading.records.contains($0) }
            #expect(good.count == 6, "seed \(seed): \(cut)")
            #expect(reading.refusals == [cut], "seed \(seed)")
        }
    }

    /// All bytes but those that may stand between records.
    private func isContent(_ byte: UInt8) -> Bool {
        !" \t\r\n,[]\u{1e}\u{feff}".utf8.contains(byte)
    }

    private func lines(of places: [Reading.Place], in bytes: [UInt8]) -> [Int] {
        places.map { place in bytes[..<place.offset].count { $0 == Ascii.newline } + 1 }
    }

    private func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let troublemakers = Array("{}[]\",:\\\n\r x\u{1e}".utf8) + [0, 0xef, 0xbb, 0xbf, 0xff]
        for _ in 0..<Int.random(in: 1...6, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            let byte = troublemakers.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0...3, using: &generator) {
            case 0: bytes[place] = byte
            case 1: bytes.insert(byte, at: place)
            case 2: bytes.remove(at: place)
            default: bytes.removeSubrange(place..<min(place + 20, bytes.count))
            }
        }
    }
}
