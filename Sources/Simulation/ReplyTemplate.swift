/// What a mail server answers, with the parts that differ from mail to mail.
struct ReplyTemplate {
    private enum Segment {
        case text([UInt8])
        case address, queueID, hex, digits, epochSeconds
    }

    private let segments: [Segment]

    /// In `text`, `%a` stands for the recipient, `%q` and `%h` for queue ids, `%d` for digits, `%t` for Unix time.
    init(_ text: String) {
        var segments: [Segment] = []
        for (place, part) in text.split(separator: "%", omittingEmptySubsequences: false).enumerated() {
            var rest = part
            if place > 0 {
                switch rest.popFirst() {
                case "a": segments.append(.address)
                case "q": segments.append(.queueID)
                case "h": segments.append(.hex)
                case "d": segments.append(.digits)
                default: segments.append(.epochSeconds)
                }
            }
            if !rest.isEmpty { segments.append(.text([UInt8](text: jsonEscaped(String(rest))))) }
        }
        self.segments = segments
    }

    func write(to line: inout LineBuffer, address: (LineBuffer, Range<Int>), nonce: UInt64, time: Int64) {
        var random = RandomSource(seed: nonce)
        for segment in segments {
            switch segment {
            case .text(let text): line.write(text)
            case .address: line.write(address.1, of: address.0)
            case .queueID: line.write(queueID: random.next(), length: 11)
            case .hex: line.write(hex: random.next(), digits: 12)
            case .digits: line.write(number: 100_000 + random.below(900_000))
            case .epochSeconds: line.write(number: Int(time / 1_000))
            }
        }
    }
}

/// A refusal: the enhanced status code and the words.
struct Refusal {
    var status: [UInt8]
    var reply: ReplyTemplate

    init(_ status: String, _ text: String) {
        self.status = [UInt8](text: status)
        reply = ReplyTemplate(text)
    }
}
