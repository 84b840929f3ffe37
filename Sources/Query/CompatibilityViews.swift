/// Views under the names that users of the reference systems know.
public enum CompatibilityViews {
    /// Name, SELECT and meaning of each view.
    public static let all: [(name: String, sql: String, meaning: String)] = []
}
