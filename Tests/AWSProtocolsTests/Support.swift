import AWSProtocols
import Foundation
import Primitives
import TestSupport

/// A file that lies beside the tests.
func fixture(_ name: String) throws -> [UInt8] {
    let url = Bundle.module.bundleURL.appending(path: "Fixtures/\(name)")
    return Array(try Data(contentsOf: url))
}

extension Timestamp {
    /// A time that the test wrote itself.
    static func at(_ text: String) -> Timestamp {
        guard let time = Timestamp(parsing: text) else { preconditionFailure("'\(text)' is no time") }
        return time
    }

    func plus(seconds: Int) -> Timestamp {
        Timestamp(microseconds: microseconds + Int64(seconds) * 1_000_000)
    }
}

extension Array where Element == UInt8 {
    /// The bytes changed, cut, doubled or interleaved with JSON's own signs in up to four places.
    func mutated(_ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = self
        let signs = Array("\"\\{}[]:,=%\n\r\u{0}/ ".utf8)
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[place] = .random(in: 0...255, using: &generator)
            case 1: bytes[place] = signs.randomElement(using: &generator) ?? 0
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(signs.randomElement(using: &generator) ?? 0, at: place)
            default: bytes.removeLast(Int.random(in: 0...(bytes.count - place) / 4, using: &generator))
            }
        }
        return bytes
    }
}
