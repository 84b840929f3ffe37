/// SES's bounce subtypes.
enum BounceSubtype {
    static let known = [
        "Undetermined", "General", "NoEmail", "Suppressed", "OnAccountSuppressionList",
        "OnTenantSuppressionList",
        "EmailValidationSuppressed", "UnsubscribedRecipient", "MailboxFull", "MessageTooLarge",
        "ContentRejected",
        "AttachmentRejected", "CustomTimeoutExceeded",
    ]

    private static let byLowercase = Dictionary(uniqueKeysWithValues: known.map { ($0.lowercased(), $0) })

    /// SES's own spelling of a subtype; what is not known stays as it is.
    ///
    /// Real data abbreviates `OnAccountSuppress` and writes `mailboxfull`.
    static func canonical(_ said: String) -> String {
        let lower = said.lowercased()
        if lower.hasPrefix("onaccountsuppress") { return "OnAccountSuppressionList" }
        if lower.hasPrefix("ontenantsuppress") { return "OnTenantSuppressionList" }
        return byLowercase[lower] ?? said
    }
}
