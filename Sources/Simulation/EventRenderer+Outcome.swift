/// The events of sending and of the receiving side.
extension EventRenderer {
    /// A templated message has no subject before it is rendered, which is after Send.
    mutating func writeSend(_ message: Message) {
        line.write(#"{"eventType":"Send","#)
        writeMail(message, campaigns[message.campaign].isTemplated ? .headers : [.headers, .subject])
        line.write(#","send":{}"#)
    }

    mutating func writeReject(_ message: Message) {
        line.write(#"{"eventType":"Reject","#)
        writeMail(message, [.headers, .subject])
        line.write(#","reject":{"reason":"Bad content"}"#)
    }

    mutating func writeRenderingFailure(_ event: PendingEvent, _ message: Message) {
        line.write(#"{"eventType":"Rendering Failure","#)
        writeMail(message, [])
        line.write(#","failure":{"errorMessage":"Attribute '"#)
        line.write(event.nonce & 1 == 0 ? "firstName" : "orderTotal")
        line.write(#"' is not present in the rendering data.","templateName":""#)
        line.write(texts[message.campaign].template)
        line.write("\"}")
    }

    mutating func writeDelivery(_ event: PendingEvent, _ message: Message, _ provider: MailboxProvider) {
        line.write(#"{"eventType":"Delivery","#)
        writeMail(message, .everything)
        line.write(#","delivery":{"timestamp":"#)
        writeTime(event.time)
        line.write(#","processingTimeMillis":"#)
        line.write(number: Int(event.time - message.sentAt))
        line.write(#","recipients":"#)
        writeAddressList(event.recipients)
        line.write(#","smtpResponse":""#)
        let choices = replies.accepted[Int(provider.rawValue)]
        write(choices[Int(event.nonce % UInt64(choices.count))], event)
        line.write(#"","reportingMTA":""#)
        writeSendingHost(message)
        // Newer records have it, older ones do not.
        if event.nonce & 8 == 0 {
            line.write(#"","remoteMtaIp":"203.0.113."#)
            line.write(number: remoteHost(event))
        }
        line.write("\"}")
    }

    mutating func writeBounce(_ event: PendingEvent, _ message: Message, _ provider: MailboxProvider) {
        let reason = BounceReason(rawValue: event.detail) ?? .undetermined
        let isSuppressed = reason == .suppressed || reason == .accountSuppressed
        line.write(#"{"eventType":"Bounce","bounce":{"feedbackId":""#)
        writeFeedbackID(event)
        line.write(bounceTypes[Int(event.detail)])
        line.write(#","bouncedRecipients":[{"emailAddress":""#)
        writeAddress(firstPosition(event))
        // An automatic reply is no delivery report, so nothing of one is known.
        if reason != .autoReply {
            let refusal = replies.refusal(reason, provider, nonce: event.nonce)
            line.write(#"","action":"failed","status":""#)
            line.write(refusal.status)
            line.write(isSuppressed ? #"","diagnosticCode":""# : #"","diagnosticCode":"smtp; "#)
            write(refusal.reply, event)
        }
        line.write(#""}],"timestamp":"#)
        writeTime(event.time)
        if reason != .autoReply {
            line.write(#","reportingMTA":"dns; "#)
            if isSuppressed { line.write("amazonses.com") } else { writeSendingHost(message) }
            line.write("\"")
            if !isSuppressed, event.nonce & 4 == 0 {
                line.write(#","remoteMtaIp":"203.0.113."#)
                line.write(number: remoteHost(event))
                line.write("\"")
            }
        }
        line.write("},")
        writeMail(message, isSuppressed ? [.headers, .subject] : .everything)
    }

    mutating func writeDelay(_ event: PendingEvent, _ message: Message) {
        let reason = DelayReason(rawValue: event.detail) ?? .undetermined
        let refusal = replies.delays[Int(reason.rawValue)]
        line.write(#"{"eventType":"DeliveryDelay","#)
        writeMail(message, .outgoingIP)
        line.write(#","deliveryDelay":{"timestamp":"#)
        writeTime(event.time)
        line.write(#","delayType":""#)
        line.write(delayTypes[Int(reason.rawValue)])
        line.write(#"","expirationTime":"#)
        writeTime(message.sentAt + Span.retry)
        if reason != .internalFailure {
            line.write(#","reportingMTA":"198.51.100."#)
            line.write(number: outgoingHost(message))
            line.write("\"")
        }
        line.write(#","delayedRecipients":[{"emailAddress":""#)
        writeAddress(firstPosition(event))
        line.write(#"","status":""#)
        line.write(refusal.status)
        line.write(#"","diagnosticCode":"smtp; "#)
        write(refusal.reply, event)
        line.write("\"}]}")
    }

    private func remoteHost(_ event: PendingEvent) -> Int { 1 + Int(event.nonce &>> 40 % 250) }

    private mutating func writeSendingHost(_ message: Message) {
        line.write("a")
        line.write(number: 1 + outgoingHost(message) % 9)
        line.write("-")
        line.write(number: outgoingHost(message))
        line.write(".smtp-out.eu-west-1.amazonses.com")
    }
}
