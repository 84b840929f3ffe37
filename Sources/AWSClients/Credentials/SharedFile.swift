import Foundation

/// The files `~/.aws/credentials` and `~/.aws/config`: sections in brackets, `name = value` in each.
struct SharedFile: Equatable {
    /// The pairs of each section, names in lower case.
    var sections: [String: [String: String]] = [:]

    /// Reads a file; lines that mean nothing here, such as those of nested settings, are passed over.
    init(text: String) {
        var section: String?
        for line in text.split(whereSeparator: \.isNewline) {
            let isIndented = line.first?.isWhitespace == true
            let content = line.trimmingCharacters(in: .whitespaces)
            if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { continue }
            if content.hasPrefix("["), let end = content.firstIndex(of: "]") {
                let name = content[content.index(after: content.startIndex)..<end]
                section = name.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                continue
            }
            guard !isIndented, let section, let equals = content.firstIndex(of: "=") else { continue }
            let name = content[..<equals].trimmingCharacters(in: .whitespaces).lowercased()
            let value = content[content.index(after: equals)...].trimmingCharacters(in: .whitespaces)
            sections[section, default: [:]][name] = Self.withoutComment(value)
        }
    }

    /// A comment stands behind white space, for secrets may hold a `#`.
    private static func withoutComment(_ value: String) -> String {
        guard let comment = value.firstRange(of: " #") ?? value.firstRange(of: " ;") else { return value }
        return value[..<comment.lowerBound].trimmingCharacters(in: .whitespaces)
    }
}
