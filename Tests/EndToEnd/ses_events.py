"""SES events for tests: the real set, one generated with the same counts and oddities, S1's example messages, and the
envelopes in which AWS services hand events over.
"""

import base64
import itertools
import json
from datetime import datetime, timedelta

from sesame import ROOT

REAL_SET = ROOT.parent / "shared/data/ses-poc"

# What a message of the real set goes through, and how many messages do.
JOURNEYS = {
    ("send", "delivery", "open", "click"): 364,
    ("send", "delivery", "open"): 365,
    ("send", "delivery", "complaint"): 80,
    ("send", "bounce"): 83,
    ("reject",): 99,
}
DOMAINS = {"gmail.com": 1100, "yahoo.com": 1009, "hotmail.com": 947}
BOUNCES = {("Transient", "MailboxFull"): 37, ("Permanent", "OnAccountSuppress"): 24, ("Permanent", "General"): 22}


def real_set():
    """Events by class: the real ones where they are at hand, else generated ones with the same counts."""
    if REAL_SET.is_dir():
        files = sorted(REAL_SET.glob("*/*.json"))
        return {path.stem: [json.loads(line) for line in path.read_text().splitlines()] for path in files}
    return generated_set()


def generated_set():
    """As many events of each kind as the real set has, as odd as they are: times without zone and with two or three
    decimals, `send` and `reject` as text, lists of two IP addresses, null link tags, one feedback id on many bounces.
    """
    events = {name: [] for name in sorted(set(itertools.chain(*JOURNEYS)))}
    room = dict(DOMAINS)
    bounces = iter([kind for kind, count in BOUNCES.items() for _ in range(count)])
    numbers = itertools.count()
    for journey, count in JOURNEYS.items():
        for number in itertools.islice(numbers, count):
            domain = next(name for name, left in room.items() if left >= len(journey))
            room[domain] -= len(journey)
            mail = generated_mail(number, domain)
            for name in journey:
                bounce = next(bounces) if name == "bounce" else None
                events[name].append(generated_event(name, number, mail, bounce))
    return events


def generated_mail(number, domain):
    address, sender = f"reader.{number}@{domain}", "Contoso <test@contoso.example>"
    return {
        "timestamp": generated_time(number),
        "source": sender,
        "sourceArn": "arn:aws:ses:us-east-1:123:identity/contoso.example",
        "sendingAccountId": "123456789012",
        "messageId": f"25491b38-bbef-4af0-9c0b-{number:012x}",
        "destination": [address],
        "headersTruncated": False,
        "headers": [{"name": "To", "value": address}, {"name": "X-commId", "value": f"c-{number % 7}"}],
        "commonHeaders": {"from": [sender], "to": [address], "subject": "Hello from Contoso!"},
        "tags": {"ses:configuration-set": ["config-set-value"], "ses:from-domain": ["contoso.example"]},
    }


def generated_time(number, after=0):
    time = datetime(2021, 8, 23, 6, 56, 30) + timedelta(seconds=after, milliseconds=number * 10)
    text = time.isoformat(" ", "milliseconds")
    return text[:-1] if number % 2 else text


def generated_event(name, number, mail, bounce):
    address = mail["destination"][0]
    time = generated_time(number, after=2)
    reader = {"timestamp": time, "userAgent": "Mozilla/5.0 (X11) Firefox/99.0", "ipAddress": "192.0.2.1, 198.51.100.7"}
    detail = {
        "send": lambda: "{}",
        "reject": lambda: "{}",
        "delivery": lambda: {"timestamp": time, "processingTimeMillis": 901, "recipients": [address],
                             "smtpResponse": "250 2.0.0 OK", "reportingMTA": "e230-52.smtp-out.example"},
        "open": lambda: reader,
        "click": lambda: {**reader, "link": "https://www.contoso.example/w/promo", "linkTags": None},
        "complaint": lambda: {"feedbackId": "complaint-1", "complaintSubType": "Permanent",
                              "complainedRecipients": [{"emailAddress": address}],
                              "timestamp": "2021-01-31T00:04:53.749Z", "userAgent": "Yahoo!-Mail-Feedback/2.0",
                              "complaintFeedbackType": "abuse", "arrivalDate": time},
        "bounce": lambda: {"feedbackId": "bounce-1", "bounceType": bounce[0], "bounceSubType": bounce[1],
                           "bouncedRecipients": [{"emailAddress": address, "action": "failed", "status": "5.1.1"}],
                           "timestamp": time, "reportingMTA": "dns; s01.example"},
    }[name]()
    return {"eventType": name.capitalize(), "mail": mail, name: detail}


def event(kind, message="m-1", to=("ada@example.net",), sent="2026-08-01T12:00:00.123Z", at=None, tags=None, **detail):
    """One event as event publishing gives it; `detail` is the type's own object."""
    key = {"Rendering Failure": "failure", "DeliveryDelay": "deliveryDelay"}.get(kind, kind.lower())
    mail = {"timestamp": sent, "source": "orders@example.com", "messageId": message, "destination": list(to),
            "tags": {"ses:configuration-set": ["transactional"], **(tags or {})}}
    return {"eventType": kind, "mail": mail, key: {**({"timestamp": at} if at else {}), **detail}}


# The five messages of S1's published example, as its view shows them: subject, address, then the time of each event.
S1_MESSAGES = [
    ("Complaint1", "complaint@simulator.amazonses.com", "2024-05-15T10:21:28.422Z",
     {"Delivery": "2024-05-15T10:21:29.566Z", "Complaint": "2024-05-15T10:21:30.466Z", "Open": "2024-05-15T10:21:47.754Z"}),
    ("Subject2", "ada@example.net", "2024-05-15T10:19:02.101Z",
     {"Delivery": "2024-05-15T10:19:02.803Z", "Open": "2024-05-15T10:20:04.330Z"}),
    ("Subject3", "ada@example.net", "2024-05-15T10:20:10.204Z",
     {"Delivery": "2024-05-15T10:20:11.154Z", "Open": "2024-05-15T10:21:12.001Z"}),
    ("Bounce1", "bounce@simulator.amazonses.com", "2024-05-15T10:22:16.955Z", {"Bounce": "2024-05-15T10:22:17.610Z"}),
    ("Subject", "success@simulator.amazonses.com", "2024-05-15T14:17:43.970Z", {"Delivery": "2024-05-15T14:17:44.511Z"}),
]


def s1_events():
    """The events behind S1's example view, each message with its Send."""
    events = []
    for number, (subject, address, sent, times) in enumerate(S1_MESSAGES):
        details = {
            "Delivery": {"recipients": [address], "processingTimeMillis": 1124, "smtpResponse": "250 2.6.0 Message received"},
            "Complaint": {"complainedRecipients": [{"emailAddress": address}], "feedbackId": f"f-{number}",
                          "complaintFeedbackType": "abuse", "userAgent": "Amazon SES Mailbox Simulator"},
            "Bounce": {"bounceType": "Permanent", "bounceSubType": "General", "feedbackId": f"f-{number}",
                       "bouncedRecipients": [{"emailAddress": address, "action": "failed", "status": "5.1.1",
                                              "diagnosticCode": "smtp; 550 5.1.1 user unknown"}]},
            "Open": {"ipAddress": "203.0.113.77", "userAgent": "Mozilla/5.0 (via ggpht.com GoogleImageProxy)"},
        }
        for kind, at in [("Send", None), *times.items()]:
            one = event(kind, message=s1_message_id(number), to=[address], sent=sent, at=at, **details.get(kind, {}))
            one["mail"]["commonHeaders"] = {"from": ["orders@example.com"], "to": [address], "subject": subject}
            events.append(one)
    return events


def s1_message_id(number):
    return f"0101018f7bc571e6-4ceaf257-3b22-4a5b-9c8d-{number:012x}-000000"


def sns_envelope(one):
    """As SNS posts it or a queue stores it."""
    return {"Type": "Notification", "MessageId": "22b80b92-0000-4000-8000-000000000001",
            "TopicArn": "arn:aws:sns:us-east-1:123456789012:ses-events", "Subject": "Amazon SES Email Event Notification",
            "Message": json.dumps(one), "Timestamp": "2026-08-01T12:00:03.321Z", "SignatureVersion": "2",
            "Signature": "none", "SigningCertURL": "https://sns.us-east-1.amazonaws.com/none.pem"}


def eventbridge_envelope(one):
    """As the default bus hands it to a target."""
    return {"version": "0", "id": "a1b2c3d4-0000-4000-8000-000000000001", "detail-type": "Email Event", "source": "aws.ses",
            "account": "123456789012", "time": "2026-08-01T12:00:02Z", "region": "us-east-1", "resources": [], "detail": one}


def firehose_failure(one):
    """As Firehose writes a record to its error prefix when delivery failed."""
    return {"attemptsMade": 4, "arrivalTimestamp": 1785585602000, "errorCode": "HttpEndpoint.DestinationException",
            "errorMessage": "no answer", "attemptEndingTimestamp": 1785585662000, "subsequenceNumber": 0,
            "rawData": base64.b64encode(json.dumps(one).encode() + b"\n").decode()}


def shuffled(value, random):
    """The same JSON with the keys of every object in another order."""
    if isinstance(value, dict):
        keys = list(value)
        random.shuffle(keys)
        return {key: shuffled(value[key], random) for key in keys}
    return [shuffled(item, random) for item in value] if isinstance(value, list) else value
