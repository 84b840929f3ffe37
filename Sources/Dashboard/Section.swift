/// A page of the rail.
public struct Section: Hashable, Sendable {
    /// Where it is.
    public let path: String
    /// What it is called.
    public let title: String

    /// All of them, in the rail's order.
    public static let all: [Section] = [
        Section(path: "/", title: "Safety"),
        Section(path: "/deliverability", title: "Deliverability"),
        Section(path: "/engagement", title: "Engagement"),
        Section(path: "/campaigns", title: "Campaigns"),
        Section(path: "/people", title: "People & messages"),
        Section(path: "/segments", title: "Segments"),
        Section(path: "/cohorts", title: "Cohorts"),
        Section(path: "/sql", title: "SQL"),
        Section(path: "/monitoring", title: "SES Monitoring Dashboard"),
        Section(path: "/sources", title: "Sources"),
        Section(path: "/settings", title: "Settings"),
    ]

    /// Pages of one thing, whose path ends with its name, and the section that they belong to.
    public static let details: [(pattern: String, section: String)] = [
        ("/message/{id}", "/people"), ("/recipient/{address}", "/people"),
    ]
}
