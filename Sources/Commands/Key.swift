/// What a person pressed, as far as line editing knows it.
enum Key: Equatable {
    case character(Character)
    case enter, tab, backspace, delete
    case left, right, wordLeft, wordRight, home, end, up, down
    case eraseToStart, eraseToEnd, eraseWord
    case clearScreen, interrupt, endOfInput, unknown
}

/// Makes keys of the bytes that a terminal sends.
///
/// A sequence may arrive in pieces; what is not whole waits for the next byte.
struct KeyDecoder {
    private var pending: [UInt8] = []

    /// The key that `byte` completes; nil while more is needed.
    mutating func take(_ byte: UInt8) -> Key? {
        pending.append(byte)
        let key = pending[0] == 27 ? escapeSequence() : plain()
        if key != nil { pending = [] }
        return key
    }

    private func plain() -> Key? {
        let first = pending[0]
        if first < 32 || first == 127 { return KeyDecoder.controls[first] ?? .unknown }
        let length =
            switch first {
            case ..<0x80: 1
            case 0xC0..<0xE0: 2
            case 0xE0..<0xF0: 3
            case 0xF0..<0xF8: 4
            default: 1
            }
        guard pending.count >= length else { return nil }
        guard let text = String(validating: pending, as: UTF8.self), let character = text.first else {
            return .unknown
        }
        return .character(character)
    }

    private func escapeSequence() -> Key? {
        guard pending.count > 1 else { return nil }
        switch pending[1] {
        case UInt8(ascii: "["), UInt8(ascii: "O"):
            guard pending.count > 2, let last = pending.last, (0x40...0x7E).contains(last) else { return nil }
            let sequence = String(decoding: pending.dropFirst(2), as: UTF8.self)
            return KeyDecoder.sequences[sequence] ?? .unknown
        case UInt8(ascii: "b"): return .wordLeft
        case UInt8(ascii: "f"): return .wordRight
        case 127: return .eraseWord
        default: return .unknown
        }
    }

    private static let controls: [UInt8: Key] = [
        1: .home, 2: .left, 3: .interrupt, 4: .endOfInput, 5: .end, 6: .right, 8: .backspace, 9: .tab,
        10: .enter,
        11: .eraseToEnd, 12: .clearScreen, 13: .enter, 14: .down, 16: .up, 21: .eraseToStart, 23: .eraseWord,
        127: .backspace,
    ]

    private static let sequences: [String: Key] = [
        "A": .up, "B": .down, "C": .right, "D": .left, "H": .home, "F": .end, "1~": .home, "4~": .end,
        "7~": .home,
        "8~": .end, "3~": .delete, "1;5C": .wordRight, "1;5D": .wordLeft, "1;3C": .wordRight,
        "1;3D": .wordLeft,
    ]
}
