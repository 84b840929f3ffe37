import HTTPTypes

extension HTTPFields {
    /// The value of the field called `name` (lower case); nil if it comes not at all or more than once.
    func single(_ name: String) -> String? {
        var found: String?
        for field in self where field.name.canonicalName == name {
            guard found == nil else { return nil }
            found = field.value
        }
        return found
    }

    /// All fields as pairs, for parsers that know no HTTP library.
    var pairs: [(name: String, value: String)] { map { ($0.name.rawName, $0.value) } }
}
