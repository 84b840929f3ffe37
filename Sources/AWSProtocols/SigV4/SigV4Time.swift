import Primitives

extension Timestamp {
    /// The time as Signature Version 4 writes it: `20260801T120000Z`.
    var sigV4: String {
        String(iso8601.prefix(19).filter { $0 != "-" && $0 != ":" }) + "Z"
    }

    /// Reads `20260801T120000Z` and nothing else.
    init?(sigV4 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else {
            return nil
        }
        func part(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        self.init(
            parsing:
                "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z"
        )
    }

    /// The instant `seconds` later.
    func adding(seconds: Int) -> Timestamp {
        Timestamp(microseconds: microseconds + Int64(seconds) * 1_000_000)
    }
}
