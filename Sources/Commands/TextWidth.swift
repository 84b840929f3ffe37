/// How many columns of a terminal a text takes.
enum TextWidth {
    /// Two for the characters of East Asia and for emoji, none for marks, one for the rest.
    static func of(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x20..<0x7F: return 1
        case 0x300..<0x370, 0x200B...0x200F, 0xFE00...0xFE0F: return 0
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }

    /// The part of a line that fits into `columns` with the cursor in it, and the cursor's column within.
    static func window(_ characters: [Character], cursor: Int, columns: Int) -> (
        text: String, cursorColumn: Int
    ) {
        var start = 0
        var before = characters[..<cursor].reduce(0) { $0 + of($1) }
        while before >= columns, start < cursor {
            before -= of(characters[start])
            start += 1
        }
        var text = ""
        var width = 0
        for character in characters[start...] {
            guard width + of(character) <= columns else { break }
            text.append(character)
            width += of(character)
        }
        return (text, before)
    }
}
