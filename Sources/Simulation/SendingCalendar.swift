/// A message that is due.
struct ScheduledSend {
    var time: Int64
    var campaign: Int
    /// The blast that it belongs to and its place there; nil for mail that a customer's act triggers.
    var blast: (number: Int, place: Int)?
}

/// Spreads the messages over the days: a base that follows people's waking hours, and blasts on top.
///
/// Each minute has a weight and gets its share of the messages by cumulative rounding, so that the total is exact
/// and nothing but the current minute is held.
struct SendingCalendar {
    /// A campaign sent to a list within hours, at a falling rate.
    private struct Blast {
        var campaign: Int
        var start: Int
        var minutes: Int
        var weight: Double
    }

    private let firstMillisecond: Int64
    private let minutes: Int
    private let messages: Int
    private let transactionalCampaigns: [Int]
    private var blasts: [Blast]
    private var totalWeight = 0.0
    private var minute = -1
    private var passedWeight = 0.0
    private var scheduled = 0
    private var due: [Int64] = []
    private var active: [Int] = []
    private var nextBlast = 0
    private var placeInBlast: [Int]

    /// The weight of each hour of the day (UTC), and of each weekday from Sunday.
    private static let hourShape: [Double] = [
        2, 1, 1, 1, 2, 4, 8, 14, 20, 24, 25, 24, 23, 24, 24, 23, 22, 23, 25, 26, 24, 18, 10, 5,
    ]
    private static let weekdayShape: [Double] = [0.7, 1.1, 1.1, 1.05, 1.05, 1.0, 0.75]

    init(options: SimulationOptions, campaigns: [Campaign]) {
        firstMillisecond = Int64(options.firstDay) * Span.day
        minutes = options.days * 1_440
        messages = options.messages
        transactionalCampaigns = campaigns.indices.filter { campaigns[$0].stream == .transactional }
        blasts = Self.blasts(firstDay: options.firstDay, days: options.days, campaigns: campaigns)
        placeInBlast = Array(repeating: 0, count: blasts.count)
        let base = (0..<minutes).reduce(0.0) { $0 + self.baseWeight(minute: $1) }
        // 35 % transactional, 40 % marketing, 25 % newsletters.
        for (stream, share) in [(Campaign.Stream.marketing, 0.40), (.newsletter, 0.25)] {
            let members = blasts.indices.filter { campaigns[blasts[$0].campaign].stream == stream }
            let sum = members.reduce(0.0) { $0 + blasts[$1].weight }
            for blast in members { blasts[blast].weight *= base * share / 0.35 / sum }
        }
        totalWeight = base + blasts.reduce(0.0) { $0 + $1.weight }
    }

    /// The next message, in the order of time.
    mutating func next(_ random: inout RandomSource) -> ScheduledSend? {
        while due.isEmpty {
            guard minute + 1 < minutes else { return nil }
            minute += 1
            openMinute(&random)
        }
        guard let time = due.popLast() else { return nil }
        return choose(time: time, &random)
    }

    /// Which days see which blasts, in the order of their start.
    private static func blasts(firstDay: Int, days: Int, campaigns: [Campaign]) -> [Blast] {
        let marketing = campaigns.indices.filter { campaigns[$0].stream == .marketing }
        let letters = campaigns.indices.filter { campaigns[$0].stream == .newsletter }
        var blasts: [Blast] = []
        for day in 0..<days {
            let weekday = (firstDay + day + 4) % 7
            func add(_ campaign: Int, hour: Int, minutes: Int, weight: Double) {
                blasts.append(
                    Blast(
                        campaign: campaign, start: day * 1_440 + hour * 60, minutes: minutes, weight: weight))
            }
            if (1...5).contains(weekday) { add(letters[1], hour: 5, minutes: 60, weight: 1) }
            if weekday == 3 { add(letters[0], hour: 7, minutes: 120, weight: 4) }
            // Small on most days, large on Tuesday and Thursday; every day has one, however short the run.
            let campaign = marketing[(firstDay + day) % marketing.count]
            let isLarge = weekday == 2 || weekday == 4
            add(campaign, hour: 8 + day % 3, minutes: isLarge ? 180 : 90, weight: isLarge ? 4 : 1)
            if day % 14 == 1 { add(letters[2], hour: 13, minutes: 150, weight: 3) }
            if weekday == 0 || weekday == 6 { add(letters[3], hour: 16, minutes: 90, weight: 1) }
        }
        return blasts
    }

    private func baseWeight(minute: Int) -> Double {
        let weekday = Int(firstMillisecond / Span.day + Int64(minute / 1_440) + 4) % 7
        return Self.hourShape[minute / 60 % 24] * Self.weekdayShape[weekday]
    }

    private func blastWeight(_ number: Int) -> Double {
        let blast = blasts[number]
        let length = Double(blast.minutes)
        return blast.weight * 2 * Double(blast.minutes - (minute - blast.start)) / (length * (length + 1))
    }

    private mutating func openMinute(_ random: inout RandomSource) {
        while nextBlast < blasts.count, blasts[nextBlast].start <= minute {
            active.append(nextBlast)
            nextBlast += 1
        }
        active.removeAll { blasts[$0].start + blasts[$0].minutes <= minute }
        passedWeight += active.reduce(baseWeight(minute: minute)) { $0 + blastWeight($1) }
        // The last minute takes what rounding left.
        let upToHere =
            minute == minutes - 1
            ? messages : min(messages, Int(Double(messages) * (passedWeight / totalWeight)))
        let start = firstMillisecond + Int64(minute) * Span.minute
        for _ in scheduled..<max(scheduled, upToHere) { due.append(start + random.between(0, Span.minute)) }
        scheduled = max(scheduled, upToHere)
        due.sort(by: >)
    }

    private mutating func choose(time: Int64, _ random: inout RandomSource) -> ScheduledSend {
        let base = baseWeight(minute: minute)
        let total = active.reduce(base) { $0 + blastWeight($1) }
        var point = total * Double(random.below(1 << 30)) / Double(1 << 30) - base
        for number in active where point >= 0 {
            point -= blastWeight(number)
            if point < 0 {
                placeInBlast[number] += 1
                let blast = (number, placeInBlast[number])
                return ScheduledSend(time: time, campaign: blasts[number].campaign, blast: blast)
            }
        }
        let triggered = transactionalCampaigns[random.below(transactionalCampaigns.count)]
        return ScheduledSend(time: time, campaign: triggered)
    }
}
