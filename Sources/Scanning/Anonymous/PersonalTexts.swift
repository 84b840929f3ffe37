/// What in an event names a person: the addresses of those it went to, and the IP addresses of those who opened it.
///
/// An event may be the JSON that SES sends or a row of `events` as JSON; both say the same under names that differ only in
/// case, underlines and what stands before the last point. What is found in one is found in the other.
public struct PersonalTexts: Sendable {
    private var recipients: Set<[UInt8]> = []
    private var mentioned: Set<[UInt8]> = []
    private var senders: Set<[UInt8]> = []
    /// IP addresses that are to be truncated, with what is to stand in their place.
    public private(set) var networks: [[UInt8]: [UInt8]] = [:]

    /// Nothing yet.
    public init() {}

    /// Addresses in lower case that are to be replaced: those of recipients, and those in free text that are no sender's.
    public var addresses: Set<[UInt8]> { recipients.union(mentioned.subtracting(senders)) }

    /// Whether nothing is to be replaced.
    public var isEmpty: Bool { networks.isEmpty && addresses.isEmpty }

    /// Adds what an event names, a JSON object.
    public mutating func add(event bytes: UnsafeRawBufferPointer) {
        var scanner = JSONScanner(bytes)
        guard let value = scanner.value() else { return }
        walk(value, nil, depth: 0)
    }

    /// Adds every address that stands in a text.
    public mutating func add(mentionsIn text: [UInt8]) { read(text, .mention) }

    // MARK: Steps

    /// What the texts under a key are.
    private enum Role {
        /// Whom the message goes to: an address is whatever the mail system may take for one.
        case recipient
        /// Who sends: stays, unless it is a recipient too.
        case sender
        /// Free text, in which addresses may stand.
        case mention
        /// The IP address of a reader.
        case client
        /// JSON as text.
        case document
    }

    private static let deepest = 32

    private static let roles: [String: Role] = [
        "destination": .recipient, "recipient": .recipient, "recipients": .recipient, "to": .recipient,
        "cc": .recipient, "bcc": .recipient, "bouncedrecipients": .recipient,
        "complainedrecipients": .recipient, "delayedrecipients": .recipient, "emailaddress": .recipient,
        "deliveredto": .recipient, "xoriginalto": .recipient, "resentto": .recipient, "resentcc": .recipient,
        "source": .sender, "sender": .sender, "from": .sender, "replyto": .sender, "returnpath": .sender,
        "smtpresponse": .mention, "deliverysmtpresponse": .mention, "diagnosticcode": .mention,
        "bouncediagnostic": .mention, "subject": .mention, "errormessage": .mention,
        "failuremessage": .mention, "origin": .mention, "ipaddress": .client, "extra": .document,
    ]

    /// The role of a key or of a header's name; nil for all others.
    private static func role(_ key: some Sequence<UInt8>) -> Role? {
        var name: [UInt8] = []
        for byte in key {
            switch byte {
            case UInt8(ascii: "_"), UInt8(ascii: "-"): continue
            case UInt8(ascii: "."): name.removeAll(keepingCapacity: true)
            default: name.append((65...90).contains(byte) ? byte + 32 : byte)
            }
        }
        let prefix = Array("commonheaders".utf8)
        return roles[
            String(
                decoding: name.starts(with: prefix) ? name.dropFirst(prefix.count) : name[...], as: UTF8.self)
        ]
    }

    private mutating func walk(_ value: JSONScanner.Value, _ role: Role?, depth: Int) {
        guard depth < Self.deepest else { return }
        switch value.kind {
        case .object:
            let header = Self.headerRole(value.bytes)
            _ = JSONScanner.members(of: value.bytes) { key, member in
                if let header {
                    walk(member, header, depth: depth + 1)
                } else if Self.mayMatter(member, under: key) {
                    walk(member, Self.role(key) ?? role, depth: depth + 1)
                }
                return true
            }
        case .array:
            _ = JSONScanner.elements(of: value.bytes) { element in
                walk(element, role, depth: depth + 1)
                return true
            }
        case .string:
            guard let role, let text = value.text() else { return }
            if role == .document {
                text.withUnsafeBytes { bytes in
                    var scanner = JSONScanner(bytes)
                    if let document = scanner.value() { walk(document, nil, depth: depth + 1) }
                }
            } else {
                read(text, role)
            }
        case .other: return
        }
    }

    /// Whether a value can name anybody. Most are texts that hold no address, and to look their keys up would be the most of
    /// the work.
    private static func mayMatter(_ value: JSONScanner.Value, under key: UnsafeRawBufferPointer) -> Bool {
        switch value.kind {
        case .object, .array: return true
        case .other: return false
        case .string:
            // `ipAddress`, also behind a path, and `extra`, which is a document.
            let start = key.lastIndex(of: UInt8(ascii: ".")).map { $0 + 1 } ?? key.startIndex
            let initial = start < key.endIndex ? key[start] | 0x20 : 0
            return initial == UInt8(ascii: "i") || initial == UInt8(ascii: "e")
                || AtSign(in: value.bytes, from: 0) != nil
        }
    }

    /// The role that a mail header's name gives to its value, where an object is `{"name": …, "value": …}`.
    private static func headerRole(_ object: UnsafeRawBufferPointer) -> Role? {
        var (name, hasValue) = ([UInt8]?.none, false)
        _ = JSONScanner.members(of: object) { key, member in
            let isName = key.elementsEqual("name".utf8)
            if isName { name = member.text() }
            if key.elementsEqual("value".utf8) { hasValue = true }
            // An object that begins with something else is none.
            return isName || hasValue
        }
        return hasValue ? name.flatMap { role($0) } : nil
    }

    private mutating func read(_ text: [UInt8], _ role: Role) {
        if role == .client {
            for part in text.split(separator: UInt8(ascii: ",")) {
                let address = part.drop { $0 == 0x20 }.reversed().drop { $0 == 0x20 }.reversed()
                if let network = NetworkAddress.truncated(Array(address)) {
                    networks[Array(address)] = network
                }
            }
            return
        }
        text.withUnsafeBytes { bytes in
            var (candidate, place) = (AddressCandidate(), 0)
            while let sign = AtSign(in: bytes, from: place) {
                if candidate.read(bytes, around: sign.range, notBefore: place) { add(candidate, role) }
                place = sign.range.upperBound
            }
        }
    }

    private mutating func add(_ candidate: AddressCandidate, _ role: Role) {
        let readings = candidate.starts.map { candidate.address(localCount: $0.localCount) }
        guard let shortest = readings.first, let longest = readings.last,
            !readings.contains(where: Pseudonym.standsForSomebody)
        else { return }
        switch role {
        case .recipient: recipients.insert(longest)
        case .sender: senders.formUnion(readings)
        case .mention:
            // SES's own message ids look like addresses.
            if !Pseudonym.isOfSES(shortest) { mentioned.insert(shortest) }
        case .client, .document: return
        }
    }
}
