/// A recipient as chosen for a message.
struct Recipient {
    var index: Int
    /// Fixes all that is the recipient's own: name, domain, habits, devices.
    var hash: UInt64
    var domain: Int
}

/// What a recipient's mailbox does at some time.
enum MailboxCondition {
    case healthy, full, gone, globallySuppressed, suppressedByBounce, suppressedByComplaint
}

/// Everyone who is ever written to. People are computed from their number; only suppressions are remembered.
struct Population {
    let size: Int
    let directory = DomainDirectory()
    private let seed: UInt64
    private let start: Int64
    private let length: Int64
    private let firstNames = names(
        "ada ben chloe daan elif felix greta hugo ines jonas kaya lena milan nora otto paula quentin rosa sven tara "
            + "umut vera wout xenia yara zoe amir bea carlos dora emil freya")
    private let lastNames = names(
        "berg costa dubois evans fischer garcia haas ivanov jansen kowalski larsen moreau novak olsen petrov quinn "
            + "rossi silva tanaka ullman vega weber xu yilmaz zhang abbott brandt cole dietz ekman ford grant"
    )
    /// When SES put the recipient on the account's suppression list.
    private var suppressedAt: [Int64]
    private var suppressedByComplaint: [Bool]

    init(options: SimulationOptions) {
        // Five messages a person: enough that a hard bounce is followed by a suppressed one.
        size = max(200, options.messages / 5)
        seed = RandomSource.mix(options.seed ^ 0x706F_7075)
        start = Int64(options.firstDay) * Span.day
        length = Int64(options.days) * Span.day
        suppressedAt = Array(repeating: .max, count: size)
        suppressedByComplaint = Array(repeating: false, count: size)
    }

    func recipient(_ index: Int) -> Recipient {
        let hash = RandomSource.mix(seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15)
        return Recipient(index: index, hash: hash, domain: directory.domain(for: hash))
    }

    func provider(of recipient: Recipient) -> MailboxProvider { directory.domains[recipient.domain].provider }

    /// One mailbox in twenty is given up in the course of the run, one in fifty fills up first.
    func condition(of recipient: Recipient, at time: Int64) -> MailboxCondition {
        if suppressedAt[recipient.index] <= time {
            return suppressedByComplaint[recipient.index] ? .suppressedByComplaint : .suppressedByBounce
        }
        var fate = RandomSource(seed: recipient.hash ^ 0x6661_7465)
        let draw = fate.below(10_000)
        if draw >= 703 { return .healthy }
        if draw >= 700 { return .globallySuppressed }
        let turn = start + fate.between(-length / 8, length)
        if draw < 500 { return time < turn ? .healthy : .gone }
        if time < turn { return .healthy }
        return time < turn + max(Span.day, length / 4) ? .full : .gone
    }

    /// SES suppresses an address from the moment of its first hard bounce or complaint.
    mutating func suppress(_ recipient: Recipient, from time: Int64, byComplaint: Bool) {
        guard time < suppressedAt[recipient.index] else { return }
        suppressedAt[recipient.index] = time
        suppressedByComplaint[recipient.index] = byComplaint
    }

    /// The marker `sim` keeps the addresses at large providers apart from anybody's own.
    func writeAddress(of recipient: Recipient, to line: inout LineBuffer) {
        line.write(firstNames[Int(recipient.hash &>> 40 & 31)])
        line.write(byte: UInt8(ascii: "."))
        line.write(lastNames[Int(recipient.hash &>> 46 & 31)])
        line.write(".sim")
        line.write(number: recipient.index)
        line.write(directory.domains[recipient.domain].suffix)
    }

    private static func names(_ list: String) -> [[UInt8]] {
        list.split(separator: " ").map { [UInt8](text: String($0)) }
    }
}
