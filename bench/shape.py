"""The shape of an SES event and the flat columns made of it, said once for all peers.

Every peer reads the same fields with declared types, so none pays for guessing, and writes the same columns. Sesame
does more in its import (identity, duplicates, machine clicks, raw bytes, `messages`, statistics, fsync); the peers are
left off that.
"""

TEXT, TIME, INTEGER, FLAG, TEXT_LISTS = "text", "time", "integer", "flag", "text lists"

EVENT = {
    "eventType": TEXT,
    "mail": {
        "timestamp": TIME, "source": TEXT, "sourceArn": TEXT, "sendingAccountId": TEXT, "messageId": TEXT,
        "destination": [TEXT], "headersTruncated": FLAG, "headers": [{"name": TEXT, "value": TEXT}],
        "commonHeaders": {"from": [TEXT], "to": [TEXT], "cc": [TEXT], "replyTo": [TEXT], "date": TEXT,
                          "messageId": TEXT, "subject": TEXT},
        "tags": TEXT_LISTS,
    },
    "delivery": {"timestamp": TIME, "processingTimeMillis": INTEGER, "recipients": [TEXT], "smtpResponse": TEXT,
                 "reportingMTA": TEXT, "remoteMtaIp": TEXT},
    "bounce": {"timestamp": TIME, "bounceType": TEXT, "bounceSubType": TEXT, "feedbackId": TEXT, "reportingMTA": TEXT,
               "bouncedRecipients": [{"emailAddress": TEXT, "action": TEXT, "status": TEXT, "diagnosticCode": TEXT}]},
    "complaint": {"timestamp": TIME, "feedbackId": TEXT, "complaintSubType": TEXT, "userAgent": TEXT,
                  "complaintFeedbackType": TEXT, "arrivalDate": TIME, "complainedRecipients": [{"emailAddress": TEXT}]},
    "reject": {"reason": TEXT},
    "open": {"timestamp": TIME, "ipAddress": TEXT, "userAgent": TEXT},
    "click": {"timestamp": TIME, "ipAddress": TEXT, "userAgent": TEXT, "link": TEXT, "linkTags": TEXT_LISTS},
    "failure": {"errorMessage": TEXT, "templateName": TEXT},
    "deliveryDelay": {"timestamp": TIME, "delayType": TEXT, "expirationTime": TIME, "reportingMTA": TEXT,
                      "delayedRecipients": [{"emailAddress": TEXT, "status": TEXT, "diagnosticCode": TEXT}]},
    "subscription": {"timestamp": TIME, "contactList": TEXT, "source": TEXT},
}


def flat_columns(first, emails, either, domain):
    """Column name → expression, in the words of one dialect.

    first: first item of a list; emails: addresses in a list of recipients; either: the list that is there; domain: what
    follows the @ of an address.
    """
    recipients = either("delivery.recipients", emails("bounce.bouncedRecipients"),
                        emails("complaint.complainedRecipients"), emails("deliveryDelay.delayedRecipients"))
    times = ", ".join(f"{name}.timestamp" for name, fields in EVENT.items()
                      if name != "mail" and "timestamp" in fields)
    return {
        "event_type": "eventType",
        "event_at": f"coalesce({times}, mail.timestamp)",
        "sent_at": "mail.timestamp",
        "account_id": "mail.sendingAccountId",
        "source_arn": "mail.sourceArn",
        "source_ip": first("mail.tags['ses:source-ip']"),
        "caller_identity": first("mail.tags['ses:caller-identity']"),
        "configuration_set": first("mail.tags['ses:configuration-set']"),
        "message_id": "mail.messageId",
        "sender": "mail.source",
        "from_domain": first("mail.tags['ses:from-domain']"),
        "subject": "mail.commonHeaders.subject",
        "recipient": first("mail.destination"),
        "recipient_domain": domain(first("mail.destination")),
        "recipients": recipients,
        "destination": "mail.destination",
        "tags": "mail.tags",
        "headers": "mail.headers",
        "headers_truncated": "mail.headersTruncated",
        "common_headers_from": "mail.commonHeaders.`from`",
        "common_headers_to": "mail.commonHeaders.`to`",
        "common_headers_cc": "mail.commonHeaders.cc",
        "common_headers_reply_to": "mail.commonHeaders.replyTo",
        "common_headers_date": "mail.commonHeaders.`date`",
        "common_headers_message_id": "mail.commonHeaders.messageId",
        "feedback_id": "coalesce(bounce.feedbackId, complaint.feedbackId)",
        "bounce_type": "bounce.bounceType",
        "bounce_subtype": "bounce.bounceSubType",
        "bounced_recipients": "bounce.bouncedRecipients",
        "reporting_mta": "coalesce(delivery.reportingMTA, bounce.reportingMTA, deliveryDelay.reportingMTA)",
        "remote_mta_ip": "delivery.remoteMtaIp",
        "complaint_subtype": "complaint.complaintSubType",
        "complaint_feedback_type": "complaint.complaintFeedbackType",
        "complaint_user_agent": "complaint.userAgent",
        "complaint_arrival_at": "complaint.arrivalDate",
        "delivery_processing_ms": "delivery.processingTimeMillis",
        "delivery_smtp_response": "delivery.smtpResponse",
        "delay_type": "deliveryDelay.delayType",
        "delay_expires_at": "deliveryDelay.expirationTime",
        "delayed_recipients": "deliveryDelay.delayedRecipients",
        "reject_reason": "reject.reason",
        "failure_template": "failure.templateName",
        "failure_message": "failure.errorMessage",
        "subscription_contact_list": "subscription.contactList",
        "subscription_source": "subscription.source",
        "ip_address": "coalesce(`open`.ipAddress, click.ipAddress)",
        "user_agent": "coalesce(`open`.userAgent, click.userAgent)",
        "link": "click.link",
        "link_tags": "click.linkTags",
    }


def select_list(columns, quote):
    """`expression AS name, …` with the dialect's own quotes for the few names that need them."""
    return ",\n  ".join(f"{expression.replace('`', quote)} AS {name}" for name, expression in columns.items())
