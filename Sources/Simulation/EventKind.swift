/// The ten event types of SES; the raw value is the row of its counter.
enum EventKind: UInt8, CaseIterable {
    case send, delivery, bounce, complaint, reject, open, click, renderingFailure, deliveryDelay, subscription

    /// The value of `eventType`.
    var name: String {
        switch self {
        case .send: "Send"
        case .delivery: "Delivery"
        case .bounce: "Bounce"
        case .complaint: "Complaint"
        case .reject: "Reject"
        case .open: "Open"
        case .click: "Click"
        case .renderingFailure: "Rendering Failure"
        case .deliveryDelay: "DeliveryDelay"
        case .subscription: "Subscription"
        }
    }
}

/// Who or what caused an open or click: the truth that SES does not tell.
enum EngagementCause: UInt8, CaseIterable {
    case reader, gmailProxy, yahooProxy, applePrefetch, namedScanner, disguisedScanner, linkPreview

    /// The key in the truth file.
    var name: String {
        switch self {
        case .reader: "reader"
        case .gmailProxy: "reader_gmail_proxy"
        case .yahooProxy: "reader_yahoo_proxy"
        case .applePrefetch: "apple_prefetch"
        case .namedScanner: "scanner_named"
        case .disguisedScanner: "scanner_disguised"
        case .linkPreview: "link_preview"
        }
    }

    /// Whether no person was behind it.
    var isMachine: Bool {
        switch self {
        case .reader, .gmailProxy, .yahooProxy: false
        case .applePrefetch, .namedScanner, .disguisedScanner, .linkPreview: true
        }
    }
}

/// Why a message came back.
enum BounceReason: UInt8, CaseIterable {
    case noEmail, general, lateNoEmail, suppressed, accountSuppressed
    case mailboxFull, softGeneral, autoReply, messageTooLarge, contentRejected, attachmentRejected
    case customTimeout, undetermined

    /// `bounceType` and `bounceSubType`.
    var names: (type: String, subtype: String) {
        switch self {
        case .noEmail, .lateNoEmail: ("Permanent", "NoEmail")
        case .general: ("Permanent", "General")
        case .suppressed: ("Permanent", "Suppressed")
        case .accountSuppressed: ("Permanent", "OnAccountSuppressionList")
        case .mailboxFull: ("Transient", "MailboxFull")
        case .softGeneral, .autoReply: ("Transient", "General")
        case .messageTooLarge: ("Transient", "MessageTooLarge")
        case .contentRejected: ("Transient", "ContentRejected")
        case .attachmentRejected: ("Transient", "AttachmentRejected")
        case .customTimeout: ("Transient", "CustomTimeoutExceeded")
        case .undetermined: ("Undetermined", "Undetermined")
        }
    }
}

/// Why SES keeps trying.
enum DelayReason: UInt8, CaseIterable {
    case mailboxFull, communication, serverError, spamDetected, ipFailure, general, internalFailure,
        undetermined
    case sendingDeferral

    /// `delayType`.
    var name: String {
        switch self {
        case .mailboxFull: "MailboxFull"
        case .communication: "TransientCommunicationFailure"
        case .serverError: "RecipientServerError"
        case .spamDetected: "SpamDetected"
        case .ipFailure: "IPFailure"
        case .general: "General"
        case .internalFailure: "InternalFailure"
        case .undetermined: "Undetermined"
        case .sendingDeferral: "SendingDeferral"
        }
    }
}

/// What a complaint reported.
enum ComplaintReport: UInt8, CaseIterable {
    case abuse, notSpam, fraud, other, virus, authFailure, none, accountSuppressed

    /// `complaintFeedbackType`, nil where no feedback report came along.
    var name: String? {
        switch self {
        case .abuse: "abuse"
        case .notSpam: "not-spam"
        case .fraud: "fraud"
        case .other: "other"
        case .virus: "virus"
        case .authFailure: "auth-failure"
        case .none, .accountSuppressed: nil
        }
    }
}
