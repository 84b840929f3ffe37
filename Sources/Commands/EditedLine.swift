/// A line while it is typed: its characters, the place of the cursor, and the way through the history.
///
/// A value without a terminal: keys go in, and what to show is read off.
struct EditedLine {
    /// What a key did.
    enum Outcome: Equatable {
        /// The line may have changed: show it.
        case edited
        /// Names that could stand here; the line is as it was.
        case choices([String])
        /// The line is done.
        case entered(String)
        /// The line was thrown away.
        case interrupted
        /// There will be no more lines.
        case ended
        /// Show the line on an empty screen.
        case cleared
    }

    private(set) var characters: [Character] = []
    private(set) var cursor = 0
    private let history: [String]
    private var historyIndex: Int
    private var draft: [Character] = []

    /// An empty line; `history` has the oldest line first.
    init(history: [String] = []) {
        self.history = history
        historyIndex = history.count
    }

    /// The line as text.
    var text: String { String(characters) }

    /// Applies a key; `complete` gives the names that could replace the word it is handed.
    mutating func press(_ key: Key, complete: (String) -> [String] = { _ in [] }) -> Outcome {
        switch key {
        case .enter: return .entered(text)
        case .interrupt: return .interrupted
        case .endOfInput:
            if characters.isEmpty { return .ended }
            erase(cursor, cursor + 1)
        case .clearScreen: return .cleared
        case .tab: return completeWord(complete)
        case .character(let character): insert([character])
        case .backspace: erase(cursor - 1, cursor)
        case .delete: erase(cursor, cursor + 1)
        case .eraseToStart: erase(0, cursor)
        case .eraseToEnd: erase(cursor, characters.count)
        case .eraseWord: erase(wordStart(from: cursor), cursor)
        case .left: cursor = max(cursor - 1, 0)
        case .right: cursor = min(cursor + 1, characters.count)
        case .wordLeft: cursor = wordStart(from: cursor)
        case .wordRight: cursor = wordEnd(from: cursor)
        case .home: cursor = 0
        case .end: cursor = characters.count
        case .up: recall(historyIndex - 1)
        case .down: recall(historyIndex + 1)
        case .unknown: break
        }
        return .edited
    }

    private mutating func insert(_ new: [Character]) {
        characters.insert(contentsOf: new, at: cursor)
        cursor += new.count
    }

    private mutating func erase(_ from: Int, _ to: Int) {
        let range = max(from, 0)..<min(to, characters.count)
        characters.removeSubrange(range)
        cursor = range.lowerBound
    }

    private mutating func recall(_ index: Int) {
        guard (0...history.count).contains(index) else { return }
        if historyIndex == history.count { draft = characters }
        historyIndex = index
        characters = index == history.count ? draft : Array(history[index])
        cursor = characters.count
    }

    private func wordStart(from position: Int) -> Int {
        var index = position
        while index > 0, !EditedLine.isWord(characters[index - 1]) { index -= 1 }
        while index > 0, EditedLine.isWord(characters[index - 1]) { index -= 1 }
        return index
    }

    private func wordEnd(from position: Int) -> Int {
        var index = position
        while index < characters.count, !EditedLine.isWord(characters[index]) { index += 1 }
        while index < characters.count, EditedLine.isWord(characters[index]) { index += 1 }
        return index
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_" || character == "."
    }

    /// Inserts as much as all candidates share; says which there are when that is nothing.
    private mutating func completeWord(_ complete: (String) -> [String]) -> Outcome {
        var start = cursor
        while start > 0, EditedLine.isWord(characters[start - 1]) { start -= 1 }
        let word = String(characters[start..<cursor])
        let names = complete(word)
        guard let first = names.first else { return .edited }
        let shared = names.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        guard shared.count > word.count || names.count == 1 else { return .choices(names) }
        erase(start, cursor)
        insert(Array(shared))
        if names.count == 1, cursor == characters.count { insert([" "]) }
        return .edited
    }
}

extension String {
    /// What both begin with, letter case aside, as the receiver spells it.
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0.lowercased() == $1.lowercased() }.map(\.0))
    }
}
