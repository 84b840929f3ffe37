/// The `mail` object, the same for all events of a message but for what SES leaves out.
extension EventRenderer {
    /// What an event's `mail` holds.
    struct MailContents: OptionSet {
        let rawValue: Int
        static let headers = MailContents(rawValue: 1)
        static let subject = MailContents(rawValue: 2)
        /// SES's own address, known once it tried to deliver.
        static let outgoingIP = MailContents(rawValue: 4)
        static let everything: MailContents = [.headers, .subject, .outgoingIP]
    }

    /// `mail` in the order of most types.
    mutating func writeMail(_ message: Message, _ contents: MailContents) {
        let text = texts[message.campaign]
        line.write(#""mail":{"timestamp":"#)
        writeTime(message.sentAt)
        line.write(#","source":""#)
        line.write(text.sender)
        line.write("\",")
        line.write(text.sourceARN)
        line.write(#","sendingAccountId":"123456789012","messageId":""#)
        writeMessageID(message)
        line.write(#"","destination":"#)
        writeAddressList(message.everyone)
        line.write(",")
        writeTruncated(message)
        if contents.contains(.headers) {
            line.write(",")
            writeHeaders(message, text, contents)
            line.write(",")
            writeCommonHeaders(message, text, contents)
        }
        line.write(",")
        writeTags(message, text, contents)
        line.write("}")
    }

    /// `mail` as opens and clicks have it: keys sorted, and no `sourceArn`.
    mutating func writeSortedMail(_ message: Message) {
        let text = texts[message.campaign]
        line.write(#""mail":{"#)
        writeCommonHeaders(message, text, .everything)
        line.write(#","destination":"#)
        writeAddressList(message.everyone)
        line.write(",")
        writeHeaders(message, text, .everything)
        line.write(",")
        writeTruncated(message)
        line.write(#","messageId":""#)
        writeMessageID(message)
        line.write(#"","sendingAccountId":"123456789012","source":""#)
        line.write(text.sender)
        line.write("\",")
        writeTags(message, text, .everything)
        line.write(#","timestamp":"#)
        writeTime(message.sentAt)
        line.write("}")
    }

    private mutating func writeTruncated(_ message: Message) {
        line.write(#""headersTruncated":"#)
        line.write(message.nonce % 1_000 == 0 ? "true" : "false")
    }

    private mutating func writeSubject(_ message: Message, _ text: CampaignText) {
        for (place, part) in text.subject.enumerated() {
            if place > 0 { line.write(number: orderNumber(message)) }
            line.write(part)
        }
    }

    private func orderNumber(_ message: Message) -> Int { 1_000_000 + Int(message.nonce &>> 8 % 9_000_000) }

    private mutating func writeHeaders(_ message: Message, _ text: CampaignText, _ contents: MailContents) {
        line.write(#""headers":[{"name":"From","value":""#)
        line.write(text.sender)
        line.write(#""},{"name":"To","value":""#)
        let carbonCopy = carbonCopyPosition(message)
        for position in 0..<message.recipientCount where position != carbonCopy {
            if position > 0 { line.write(", ") }
            writeAddress(position)
        }
        if let carbonCopy {
            line.write(#""},{"name":"Cc","value":""#)
            writeAddress(carbonCopy)
        }
        if contents.contains(.subject) {
            line.write(#""},{"name":"Subject","value":""#)
            writeSubject(message, text)
        }
        line.write(#""},{"name":"MIME-Version","value":"1.0"},{"name":"Content-Type","value":"#)
        line.write(#""multipart/alternative; boundary=\"----=_Part_"#)
        line.write(hex: message.nonce, digits: 12)
        line.write(#"\""}"#)
        line.write(text.moreHeaders)
        line.write("]")
    }

    private mutating func writeCommonHeaders(
        _ message: Message, _ text: CampaignText, _ contents: MailContents
    ) {
        line.write(#""commonHeaders":{"from":[""#)
        line.write(text.sender)
        line.write(#""],"to":"#)
        let carbonCopy = carbonCopyPosition(message)
        let copied = carbonCopy.map { UInt8(1 << $0) } ?? 0
        writeAddressList(message.everyone & ~copied)
        if copied != 0 {
            line.write(#","cc":"#)
            writeAddressList(copied)
        }
        line.write(#","messageId":""#)
        writeMessageID(message)
        if contents.contains(.subject) {
            line.write(#"","subject":""#)
            writeSubject(message, text)
        }
        line.write("\"}")
    }

    /// In half of the messages to several, the last recipient only gets a copy.
    private func carbonCopyPosition(_ message: Message) -> Int? {
        message.recipientCount > 1 && message.nonce & 1 == 1 ? message.recipientCount - 1 : nil
    }

    private mutating func writeTags(_ message: Message, _ text: CampaignText, _ contents: MailContents) {
        line.write(text.tagsHead)
        line.write(number: 10 + Int(message.nonce &>> 4 & 3))
        line.write(text.tagsMiddle)
        if contents.contains(.outgoingIP) {
            line.write(#","ses:outgoing-ip":["198.51.100."#)
            line.write(number: outgoingHost(message))
            line.write("\"]")
        }
        line.write(text.tagsTail)
    }

    func outgoingHost(_ message: Message) -> Int { 1 + Int(message.nonce &>> 16 % 24) }
}
