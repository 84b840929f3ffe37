/// Fields of CSV, RFC 4180.
public enum CSVText {
    /// A text as a field: in quotes where it has to be. An empty text is `""`, so that it is told from nothing.
    public static func field(_ text: String) -> String {
        guard !text.isEmpty else { return "\"\"" }
        guard text.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }) else {
            return text
        }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
