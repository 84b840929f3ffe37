/// The events of readers and machines.
extension EventRenderer {
    mutating func writeOpen(_ event: PendingEvent, _ message: Message) {
        let cause = EngagementCause(rawValue: event.detail) ?? .reader
        line.write(#"{"eventType":"Open","#)
        writeSortedMail(message)
        line.write(#","open":{"ipAddress":""#)
        clients.writeAddress(cause, nonce: event.nonce, to: &line)
        line.write(#"","timestamp":"#)
        writeTime(event.time)
        line.write(#","userAgent":""#)
        line.write(clients.agent(cause, isClick: false, nonce: event.nonce))
        line.write("\"}")
    }

    mutating func writeClick(_ event: PendingEvent, _ message: Message) {
        let cause = EngagementCause(rawValue: event.detail) ?? .reader
        let link = campaigns[message.campaign].links[Int(event.link)]
        line.write(#"{"eventType":"Click","click":{"ipAddress":""#)
        clients.writeAddress(cause, nonce: event.nonce, to: &line)
        line.write(#"","link":""#)
        line.write(link.url)
        line.write(#"","linkTags":"#)
        if let tags = link.tags { line.write(tags) } else { line.write("null") }
        line.write(#","timestamp":"#)
        writeTime(event.time)
        line.write(#","userAgent":""#)
        line.write(clients.agent(cause, isClick: true, nonce: event.nonce))
        line.write("\"},")
        writeSortedMail(message)
    }

    mutating func writeComplaint(_ event: PendingEvent, _ message: Message, _ provider: MailboxProvider) {
        let report = ComplaintReport(rawValue: event.detail) ?? .none
        line.write(#"{"eventType":"Complaint","complaint":{"feedbackId":""#)
        writeFeedbackID(event)
        line.write(#"","complaintSubType":"#)
        line.write(report == .accountSuppressed ? #""OnAccountSuppressionList""# : "null")
        line.write(#","complainedRecipients":["#)
        var isFirst = true
        for position in 0..<message.recipientCount where event.recipients & UInt8(1 << position) != 0 {
            line.write(isFirst ? #"{"emailAddress":""# : #",{"emailAddress":""#)
            writeAddress(position)
            line.write("\"}")
            isFirst = false
        }
        line.write(#"],"timestamp":"#)
        writeTime(event.time)
        if let type = complaintTypes[Int(report.rawValue)] {
            switch provider {
            case .yahoo: line.write(#","userAgent":"Yahoo!-Mail-Feedback/2.0""#)
            case .outlook: line.write(#","userAgent":"Hotmail FBL""#)
            default: line.write(#","userAgent":"ExampleISP-Feedback/1.0""#)
            }
            line.write(#","complaintFeedbackType":""#)
            line.write(type)
            line.write(#"","arrivalDate":"#)
            writeTime(event.time - Int64(event.nonce % 4_000))
        }
        line.write("},")
        writeMail(message, report == .accountSuppressed ? [.headers, .subject] : .everything)
    }

    /// The two shapes of a change: everything off, or one topic of two.
    mutating func writeSubscription(_ event: PendingEvent, _ message: Message) {
        let leavesAll = event.nonce & 3 == 0
        line.write(#"{"eventType":"Subscription","#)
        writeMail(message, .everything)
        line.write(#","subscription":{"contactList":"Customers","timestamp":"#)
        writeTime(event.time)
        line.write(#","source":"UnsubscribeHeader","newTopicPreferences":{"unsubscribeAll":"#)
        line.write(leavesAll ? "true" : "false")
        line.write(#","topicSubscriptionStatus":[{"topicName":"Weekly","subscriptionStatus":"OptOut"}"#)
        line.write(#",{"topicName":"Offers","subscriptionStatus":""#)
        line.write(leavesAll ? "OptOut" : "OptIn")
        line.write(#""}]},"oldTopicPreferences":{"unsubscribeAll":false,"topicSubscriptionStatus":["#)
        line.write(#"{"topicName":"Weekly","subscriptionStatus":"OptIn"},"#)
        line.write(#"{"topicName":"Offers","subscriptionStatus":"OptIn"}]}}"#)
    }
}
