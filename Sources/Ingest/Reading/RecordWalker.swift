import Scanning

/// Finds where a record ends by walking its strings and brackets, byte by byte: the exact and slower way.
///
/// It knows no more grammar than boundaries need. One rule beyond balanced brackets keeps a record that was cut off from
/// swallowing its neighbours: within a record an object may only follow `:`, `[`, or a `,` of an array.
struct RecordWalker {
    /// A place in the walked bytes, and the newlines between the record's start and it.
    struct Place: Equatable {
        var offset: Int
        var lines: Int
    }

    /// What the walk found.
    enum Outcome {
        /// The record ends before this place.
        case complete(Place)
        /// The bytes end inside the record.
        case ranOut(Place)
        /// No record begins where the walk began: at this place it is certain.
        case broken(Place, Refusal.Reason)
        /// As `broken`; and a new record begins right at this place, first in its line.
        case interrupted(Place)
    }

    /// The first line inside the last walked record that begins with `{`: where to look again if the record is broken.
    private(set) var restart: Place?

    private var kinds = BracketStack()

    /// Walks the record that begins with `{` at `start`, and looks no further than `end`.
    mutating func walk(_ bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Outcome {
        kinds.removeAll()
        restart = nil
        var place = Place(offset: start, lines: 0)
        while place.offset < end {
            let offset = place.offset
            switch bytes[offset] {
            case Ascii.quote:
                switch ByteScan.stringEnd(in: bytes, from: offset + 1, to: end) {
                case .quote(let quote): place.offset = quote
                case .newline(let newline):
                    return .broken(Place(offset: newline, lines: place.lines), .cutOffLine)
                case .ranOut: return .ranOut(Place(offset: end, lines: place.lines))
                }
            case Ascii.openBrace:
                if offset > start, let outcome = misplacedObject(bytes, at: place, start: start) {
                    return outcome
                }
                kinds.push(isArray: false)
            case Ascii.openBracket: kinds.push(isArray: true)
            case Ascii.closeBrace:
                guard kinds.pop(isArray: false) else { return .broken(place, .brackets) }
                if kinds.isEmpty { return .complete(Place(offset: offset + 1, lines: place.lines)) }
            case Ascii.closeBracket:
                guard kinds.pop(isArray: true) else { return .broken(place, .brackets) }
            case Ascii.newline:
                place.lines += 1
                // Only in the first column: writers of one record a line begin there, pretty-printers indent.
                if restart == nil, offset + 1 < end, bytes[offset + 1] == Ascii.openBrace {
                    restart = Place(offset: offset + 1, lines: place.lines)
                }
            default: break
            }
            place.offset += 1
        }
        return .ranOut(place)
    }

    private func misplacedObject(_ bytes: UnsafeRawBufferPointer, at place: Place, start: Int) -> Outcome? {
        var previous = place.offset - 1
        var isFirstInLine = false
        while previous > start, Ascii.isSpace(bytes[previous]) {
            if bytes[previous] == Ascii.newline { isFirstInLine = true }
            previous -= 1
        }
        switch bytes[previous] {
        case Ascii.colon, Ascii.openBracket: return nil
        case Ascii.comma where kinds.isInArray: return nil
        default: return isFirstInLine ? .interrupted(place) : .broken(place, .cutOffLine)
        }
    }
}

/// The kinds of the brackets that are open, one bit each, so that deep nesting costs little.
private struct BracketStack {
    private var top: UInt64 = 0
    private var depth = 0
    private var full: [UInt64] = []

    var isEmpty: Bool { depth == 0 }

    var isInArray: Bool { top & 1 == 1 }

    mutating func removeAll() {
        depth = 0
        full.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    mutating func push(isArray: Bool) {
        if depth > 0, depth & 63 == 0 { full.append(top) }
        top = top << 1 | (isArray ? 1 : 0)
        depth += 1
    }

    /// False if the innermost open bracket is of another kind.
    @inline(__always)
    mutating func pop(isArray: Bool) -> Bool {
        guard depth > 0, isInArray == isArray else { return false }
        depth -= 1
        top >>= 1
        if depth > 0, depth & 63 == 0 { top = full.removeLast() }
        return true
    }
}
