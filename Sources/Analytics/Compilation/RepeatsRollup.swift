import Primitives

/// Repeats: facts that a count of different mails does not count once more, since the same mail was counted before.
///
/// Of the mails that were opened in some time, each has one opening that has none before it in that time. So their number is that of
/// the openings, less those whose predecessor is in the time as well: two counts, and nobody has to tell millions of mails apart.
/// A repeat has the time of its predecessor, `since`, and with that answers for any time and for days, weeks and months of it.
///
/// A mail's own columns, such as its campaign, are the same on all of its events, so a campaign's mails are counted in the same way, and
/// so are those that were sent in some time. Where they are not, or where a predecessor may lie before all that was looked at, the fact
/// says so with `is_odd`, and its mail is told apart from others by itself; see ``AnalyticsPlan/counts(of:period:)``.
///
/// Beside them stand the few facts that end a delay: the events by which something was heard of a mail after it was delayed. Without them that would have to be looked for
/// among the deliveries of all mails.
public enum RepeatsRollup {
    /// The table of repeats that were made beforehand, in statements.
    public static let table = "_repeats"

    /// Columns that are the same on all events of a mail.
    static let own = [
        "sent_at", "source_name", "account_id", "region", "configuration_set", "source_arn", "sender",
        "from_domain", "recipient_domain", "isp", "campaign",
    ]

    /// SQL of whether a row is odd. By a number, and not by a truth, the engine leaves row groups out.
    static let isOdd = "is_odd = 1"

    /// The columns of the table.
    public static let columns = ["metric", "event_type", "event_at", "since", "is_odd", "mail"] + own

    /// The metrics that have repeats: different mails with an event of one type.
    static let metrics = Metric.all.filter { metric in
        if case .distinct(.mail, let condition) = metric.measure {
            condition.types.count == 1 && condition.needs.isSubset(of: [.verdict])
        } else {
            false
        }
    }

    /// The facts that each metric counts, of a table.
    private static func counted(in table: String, _ columns: [String]) -> String {
        metrics.map { metric in
            "SELECT '\(metric.name)' AS metric, \(columns.joined(separator: ", ")) FROM \(table) WHERE \(metric.condition?.sql ?? "true")"
        }.joined(separator: "\nUNION ALL\n")
    }

    /// The types of the events of which any is counted.
    private static let types = Set(metrics.flatMap { $0.condition?.types ?? [] }).sorted()

    /// Predecessors are looked for in so many microseconds before: longer than SES follows a mail, so hardly a mail is odd.
    public static let lookback = AnalyticsPlan.memory

    /// SQL of whether a fact is counted by any metric that has repeats.
    private static let isCounted = "event_type IN (\(types.map(SQL.literal).joined(separator: ", ")))"

    /// SQL of the facts before a time that can have a say in its rows, with all columns that ``sql(from:to:)`` reads of them; it reads the
    /// table `facts`, too.
    public static func past(from: Timestamp, to: Timestamp) -> String {
        let mails = "SELECT mail FROM facts WHERE \(isCounted) AND \(FactScope.time("event_at", from, to))"
        let own = own.joined(separator: ", ")
        return """
            FROM (\(before(from, own, of: mails))) WHERE NOT (\(isDelay))
            UNION ALL
            SELECT event_type, event_at, is_machine, mail, \(own) FROM facts WHERE \(isDelay) AND \(looksBack(from, to: from))
            """
    }

    /// SQL of whether a fact is before a time, and no further than predecessors are looked for.
    private static func looksBack(_ from: Timestamp, to: Timestamp) -> String {
        FactScope.time("event_at", from.day.start.moved(by: -lookback), to)
    }

    /// SQL of the facts of some mails before a time, as far back as predecessors are looked for, with some columns of their own.
    private static func before(_ from: Timestamp, _ own: String, of mails: String) -> String {
        """
        SELECT event_type, event_at, is_machine, mail, \(own)
        FROM facts WHERE \(isCounted) AND \(looksBack(from, to: from)) AND mail IN (\(mails))
        """
    }

    /// SQL of the repeats of a time, made of the table `facts` that has this time and the ``lookback`` before the first of its days.
    ///
    /// Each fact is looked back from the beginning of its day, so its row is the same of whatever time it is made.
    ///
    /// - Returns: tables for WITH, and the SELECT.
    public static func sql(from: Timestamp, to: Timestamp) -> (tables: String, select: String) {
        let day: Int64 = 86_400_000_000
        let furthest = "make_timestamptz(epoch_us(event_at) - epoch_us(event_at) % \(day) - \(lookback))"
        let time = FactScope.time("event_at", from, to)
        let own = own.joined(separator: ", ")
        let tables = """
            _day AS MATERIALIZED (
                SELECT event_type, event_at, is_machine, mail, \(own), hash(\(own)) AS own
                FROM facts WHERE \(isCounted) AND \(time)
            ),
            _old AS MATERIALIZED (
                \(before(from, "hash(\(own)) AS own", of: "SELECT mail FROM _day"))
            ),
            _new AS (
                SELECT *, true AS is_new
                FROM (\(counted(in: "_day", ["event_type", "event_at", "mail", "own"] + Self.own)))
            ),
            _before AS (
                SELECT metric, mail, max(event_at) AS event_at, arg_max(own, event_at) AS own, false AS is_new
                FROM (\(counted(in: "_old", ["event_at", "mail", "own"]))) GROUP BY metric, mail
            ),
            _linked AS (
                SELECT *, lag(event_at) OVER near AS since, lag(own) OVER near AS own_before
                FROM (FROM _new UNION ALL BY NAME FROM _before)
                WINDOW near AS (PARTITION BY metric, mail ORDER BY event_at, is_new, own)
            ),
            _told AS (
                SELECT * REPLACE (CASE WHEN since >= \(furthest) THEN since END AS since),
                    CAST(
                        coalesce(since >= \(furthest) AND own <> own_before, false)
                        OR coalesce(sent_at < \(furthest), true) AS TINYINT
                    ) AS is_odd
                FROM _linked WHERE is_new
            ),
            _heard AS (
                SELECT '\(delayEnds)' AS metric, NULL::TIMESTAMPTZ AS since, 0::TINYINT AS is_odd, *,
                    \(furthest) AS furthest, coalesce(sent_at >= furthest, false) AS is_recent
                FROM facts WHERE \(isHeard) AND \(time)
            ),
            _delays AS (
                SELECT mail AS delayed, event_at AS delayed_at
                FROM facts WHERE \(isDelay) AND \(looksBack(from, to: to))
            )
            """
        let columns = columns.joined(separator: ", ")
        return (
            tables,
            """
            SELECT \(columns) FROM _told WHERE since IS NOT NULL OR \(isOdd)
            UNION ALL
            SELECT \(columns) FROM _heard
            SEMI JOIN _delays ON mail = delayed AND delayed_at <= event_at AND delayed_at >= furthest WHERE is_recent
            UNION ALL
            SELECT \(columns) FROM _heard WHERE NOT is_recent
            """
        )
    }

    /// What stands in place of a metric on the facts that end a delay. One of a mail that was sent before all that was looked at may end
    /// one, and is there whether it does or not.
    static let delayEnds = "open_delays"

    private static let isDelay = "event_type = 'DeliveryDelay'"

    /// SQL of whether a fact may end a delay.
    static let isHeard = "event_type IN (\(FatesSQL.heard.map(SQL.literal).joined(separator: ", ")))"

    /// The table of counts of repeats.
    public static let countsTable = RepeatsCut.table

    /// The columns of that table.
    public static let countsColumns = RepeatsCut.columns

    /// SQL of its rows, made of the table `repeats`.
    public static let counts = RepeatsCut.sql

    /// SQL of for how many metrics the repeats of a day and their counts, in the tables `repeats` and `repeat_counts`, do not fit its facts: those
    /// that are left without the repeats within the day have to be the different mails of the day. Facts that end a delay of the day and are missing count, too.
    public static func faults(from: Timestamp) -> String {
        """
        SELECT count(*) + (
            SELECT count(*) FROM (FROM facts WHERE \(isHeard)) AS heard
            SEMI JOIN (FROM facts WHERE \(isDelay)) AS delays
                ON heard.mail = delays.mail AND delays.event_at <= heard.event_at
            ANTI JOIN (FROM repeats WHERE metric = '\(delayEnds)') AS ends
                ON heard.mail = ends.mail AND heard.event_at = ends.event_at
        )
        FROM (
            SELECT metric, count(*) - count(DISTINCT mail) AS expected
            FROM (\(counted(in: "facts", ["mail"]))) GROUP BY metric
        )
        FULL JOIN (
            SELECT metric, count(*) FILTER (since >= \(SQL.instant(from))) AS found, count(since) AS repeats
            FROM repeats GROUP BY metric
        ) USING (metric)
        FULL JOIN (
            SELECT metric, sum(counted) FILTER (cut = '\(RepeatsCut.times)') AS counted, sum(counted) AS counted_by_all
            FROM repeat_counts GROUP BY metric
        ) USING (metric)
        WHERE coalesce(expected, 0) <> coalesce(found, 0) OR coalesce(repeats, 0) <> coalesce(counted, 0)
            OR coalesce(counted, 0) * \(RepeatsCut.allCases.count) <> coalesce(counted_by_all, 0)
        """
    }
}
