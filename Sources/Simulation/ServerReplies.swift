/// The replies of each provider, and of SES itself.
struct ServerReplies {
    /// By provider.
    let accepted: [[ReplyTemplate]]
    /// By provider: no such user.
    let unknownUser: [[Refusal]]
    /// By reason, for the reasons whose words do not depend on the provider.
    let bounces: [[Refusal]]
    /// By reason.
    let delays: [Refusal]

    init() {
        accepted = MailboxProvider.allCases.map { Self.accepted($0).map(ReplyTemplate.init) }
        unknownUser = MailboxProvider.allCases.map(Self.unknownUser)
        bounces = BounceReason.allCases.map(Self.bounce)
        delays = DelayReason.allCases.map(Self.delay)
    }

    func refusal(_ reason: BounceReason, _ provider: MailboxProvider, nonce: UInt64) -> Refusal {
        let general = bounces[Int(reason.rawValue)]
        let choices = general.isEmpty ? unknownUser[Int(provider.rawValue)] : general
        return choices[Int(nonce % UInt64(choices.count))]
    }

    private static func accepted(_ provider: MailboxProvider) -> [String] {
        switch provider {
        case .gmail: ["250 2.0.0 OK  %t %hsi%dqtd.%d - gsmtp"]
        case .yahoo: ["250 ok dirdel", "250 ok dirdel 1/0"]
        case .outlook:
            [
                "250 2.6.0 <0102%h-%h@eu-west-1.amazonses.com> [InternalId=%d%d, Hostname=%q.eurprd04.prod."
                    + "example.net] 28731 bytes in 0.214, 131.%d KB/sec Queued mail for delivery -> 250 2.1.5"
            ]
        case .icloud: ["250 2.0.0 Ok: queued as %q"]
        case .corporate:
            ["250 2.0.0 Ok: queued as %q", "250 OK id=%h", "250 2.0.0 %h Message accepted for delivery"]
        }
    }

    private static func unknownUser(_ provider: MailboxProvider) -> [Refusal] {
        switch provider {
        case .gmail:
            [
                Refusal(
                    "5.1.1",
                    "550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 "
                        + "double-checking the recipient's email address for typos or 550-5.1.1 unnecessary "
                        + "spaces. For more information, go to 550 5.1.1  https://support.google.com/mail/"
                        + "?p=NoSuchUser %hsi%dqtd.%d - gsmtp")
            ]
        case .yahoo: [Refusal("5.0.0", "552 1 Requested mail action aborted, mailbox not found")]
        case .outlook:
            [
                Refusal(
                    "5.5.0",
                    "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [%q %h]")
            ]
        case .icloud: [Refusal("5.1.1", "550 5.1.1 <%a>: user does not exist")]
        case .corporate:
            [
                Refusal("5.1.1", "550 5.1.1 <%a>: Recipient address rejected: User unknown"),
                Refusal("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient %a not found [%h]"),
            ]
        }
    }

    /// Empty where the provider's own words are used.
    private static func bounce(_ reason: BounceReason) -> [Refusal] {
        switch reason {
        case .noEmail, .lateNoEmail: []
        case .general:
            [
                Refusal("5.0.0", "550 5.0.0 <%a>: account disabled, queue id %q"),
                Refusal("5.7.1", "554 5.7.1 <%a>: Relay access denied"),
            ]
        case .suppressed:
            [
                Refusal(
                    "5.1.1",
                    "Amazon SES has suppressed sending to this address because it has a "
                        + "recent history of bouncing as an invalid address."
                )
            ]
        case .accountSuppressed:
            [
                Refusal(
                    "5.1.1",
                    "Amazon SES did not send the message to this address because it is on the "
                        + "suppression list for your account."
                )
            ]
        case .mailboxFull:
            [
                Refusal("4.2.2", "452 4.2.2 <%a>: mailbox full (%q)"),
                Refusal("4.2.2", "452-4.2.2 The recipient's inbox is out of storage space %h"),
            ]
        case .softGeneral:
            [
                Refusal("4.4.7", "421 4.4.7 %q: temporarily deferred"),
                Refusal("4.7.0", "451 4.7.0 Try again later %h"),
            ]
        case .autoReply: [Refusal("4.0.0", "Auto-Submitted: auto-replied")]
        case .messageTooLarge: [Refusal("5.3.4", "552 5.3.4 Message size exceeds fixed limit (%q)")]
        case .contentRejected:
            [
                Refusal("5.7.1", "554 5.7.1 %q: message content rejected"),
                Refusal("5.7.1", "550 5.7.1 \"%h\" looks like spam; see policy \\spam"),
            ]
        case .attachmentRejected: [Refusal("5.7.1", "552 5.7.1 Attachment type not allowed %q")]
        case .customTimeout:
            [Refusal("4.4.7", "550 4.4.7 Message expired: the sender's time limit was reached")]
        case .undetermined: [Refusal("5.0.0", "%q: unknown response")]
        }
    }

    private static func delay(_ reason: DelayReason) -> Refusal {
        switch reason {
        case .mailboxFull: Refusal("4.2.2", "452 4.2.2 <%a>: mailbox full (%q)")
        case .communication: Refusal("4.4.1", "421 4.4.1 Unable to connect to remote host")
        case .serverError: Refusal("4.3.0", "451 4.3.0 Temporary server error %q, please try again later")
        case .spamDetected: Refusal("4.7.28", "421 4.7.28 Unusual rate of unsolicited mail %h")
        case .ipFailure: Refusal("4.7.1", "421 4.7.1 [%d] IP address temporarily blocked (%q)")
        case .general: Refusal("4.0.0", "451 4.0.0 deferred %q")
        case .internalFailure: Refusal("4.3.5", "Amazon SES internal failure %h")
        case .undetermined: Refusal("4.0.0", "%q")
        case .sendingDeferral: Refusal("4.4.5", "Amazon SES deferred the message to protect your reputation")
        }
    }
}
