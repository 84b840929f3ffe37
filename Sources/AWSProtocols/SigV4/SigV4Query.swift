/// The query of a request as Signature Version 4 sees it: pairs, decoded and written anew in one form.
struct SigV4Query {
    /// A pair with both sides percent-encoded in the one form.
    struct Pair {
        var name: String
        var value: String
    }

    var pairs: [Pair]

    /// Reads what stands behind the `?`.
    init(raw: String) {
        pairs = raw.utf8.split(separator: UInt8(ascii: "&")).map { piece in
            let equals = piece.firstIndex(of: UInt8(ascii: "="))
            let value = equals.map { piece[piece.index(after: $0)...] }
            return Pair(
                name: SigV4Query.normalized(piece[..<(equals ?? piece.endIndex)]),
                value: value.map(SigV4Query.normalized) ?? "")
        }
    }

    private static func normalized(_ text: Substring.UTF8View) -> String {
        PercentEncoding.encode(PercentEncoding.decode(Substring(text)))
    }

    mutating func append(_ name: String, _ value: String) {
        pairs.append(Pair(name: PercentEncoding.encode(name.utf8), value: PercentEncoding.encode(value.utf8)))
    }

    /// The decoded values of all pairs called `name`.
    func values(_ name: String) -> [String] {
        pairs.filter { $0.name == name }.map {
            String(decoding: PercentEncoding.decode($0.value), as: UTF8.self)
        }
    }

    func without(_ name: String) -> SigV4Query {
        var copy = self
        copy.pairs.removeAll { $0.name == name }
        return copy
    }

    /// The pairs as they are, for a URL.
    var text: String { pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "&") }

    /// The pairs sorted by name, then value.
    var canonical: String {
        var sorted = self
        // Swift orders text by its canonical form; this is ASCII, where that is the order of the bytes.
        sorted.pairs.sort { ($0.name, $0.value) < ($1.name, $1.value) }
        return sorted.text
    }
}
