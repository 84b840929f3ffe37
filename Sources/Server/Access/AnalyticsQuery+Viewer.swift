import Analytics
import HTTPTypes

extension AnalyticsQuery {
    /// Checks that a query tells a viewer no address: what is compared with one must be the whole of it, so that it cannot be guessed
    /// letter by letter.
    ///
    /// - Throws: ``HTTPProblem`` 403.
    func checkForViewer() throws(HTTPProblem) {
        for filter in filters where filter.guessesAddresses {
            throw HTTPProblem(
                .forbidden, "insufficient-role",
                "your role, viewer, may look for a recipient by the whole address alone",
                hint:
                    "compare recipient with is or is_not; an owner can change your role: sesame user set-role"
            )
        }
    }
}

extension AnalyticsFilter {
    fileprivate var guessesAddresses: Bool {
        switch self {
        case .and(let filters), .or(let filters): filters.contains(where: \.guessesAddresses)
        case .not(let filter): filter.guessesAddresses
        case .condition(let condition):
            Self.holdsAddresses(condition.field)
                && ![.is, .isNot, .in, .notIn].contains(condition.comparison)
        }
    }

    /// Whether the values of a field are mostly addresses.
    private static func holdsAddresses(_ field: String) -> Bool {
        let name = field.lowercased()
        return name == "recipient"
            || ["header:to", "header:cc", "header:bcc", "header:reply-to"].contains(name)
    }
}
