#!/usr/bin/env bash
# Writes a chain of certificates (sns-root.pem, sns-intermediate.pem, sns-leaf.pem) and a message signed with it in both
# versions (sns-v1.json, sns-v2.json), all by openssl, which knows nothing of ours.
# Run by hand; private keys are thrown away.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/root.key" -out sns-root.pem -days 36500 -sha256 \
  -subj "/CN=Test root" -addext "keyUsage=critical,keyCertSign"
openssl req -newkey rsa:2048 -nodes -keyout "$work/middle.key" -out "$work/middle.csr" -subj "/CN=Test intermediate"
printf 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n' > "$work/ext"
openssl x509 -req -in "$work/middle.csr" -CA sns-root.pem -CAkey "$work/root.key" -days 36500 -sha256 \
  -extfile "$work/ext" -out sns-intermediate.pem
openssl req -newkey rsa:2048 -nodes -keyout "$work/leaf.key" -out "$work/leaf.csr" -subj "/CN=sns.amazonaws.com"
printf 'subjectAltName=DNS:sns.amazonaws.com\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n' > "$work/ext"
openssl x509 -req -in "$work/leaf.csr" -CA sns-intermediate.pem -CAkey "$work/middle.key" -days 36500 -sha256 \
  -extfile "$work/ext" -out sns-leaf.pem

# The text between the members is spelled out here, un-escaped; the JSON below is its escaped form.
message=$'{"eventType":"Send","mail":{"subject":"Grüße \\"quoted\\" / 日本"}}\nsecond line\ttab'
printf 'Message\n%s\nMessageId\n22b80b92-0000-4000-8000-000000000001\nSubject\nA "subject"\nTimestamp\n2027-01-01T12:00:00.321Z\nTopicArn\narn:aws:sns:eu-west-1:123456789012:ses-events\nType\nNotification\n' \
  "$message" > "$work/text"
for version in 1 2; do
  digest=$([ $version = 1 ] && echo sha1 || echo sha256)
  signature=$(openssl dgst -$digest -sign "$work/leaf.key" "$work/text" | openssl base64 -A)
  cat > sns-v$version.json <<JSON
{
  "Type" : "Notification",
  "MessageId" : "22b80b92-0000-4000-8000-000000000001",
  "TopicArn" : "arn:aws:sns:eu-west-1:123456789012:ses-events",
  "Subject" : "A \"subject\"",
  "Message" : "{\"eventType\":\"Send\",\"mail\":{\"subject\":\"Gr\u00fc\u00dfe \\\\\"quoted\\\\\" \/ \u65e5本\"}}\nsecond line\ttab",
  "Timestamp" : "2027-01-01T12:00:00.321Z",
  "SignatureVersion" : "$version",
  "Signature" : "$signature",
  "SigningCertURL" : "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
  "UnsubscribeURL" : "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
  "MessageAttributes" : {"a" : {"Type" : "String", "Value" : "b"}}
}
JSON
done
