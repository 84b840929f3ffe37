/// Makes events anonymous: recipients' addresses become pseudonyms, readers' IP addresses the networks they are in.
///
/// Nothing of it is drawn by chance, and what is anonymous already stays as it is: an event that was made anonymous on its
/// way in is the same as one that was made so later, in the table.
public struct Anonymiser: Sendable {
    private let hash: SipHash

    /// One whose pseudonyms are under a key.
    public init(_ hash: SipHash) { self.hash = hash }

    /// An event without what names a person; nil where nothing does.
    public func anonymise(_ event: UnsafeRawBufferPointer) -> [UInt8]? {
        var texts = PersonalTexts()
        texts.add(event: event)
        return scrub(event, texts)
    }

    /// An event, and what says where it came from, without what names a person; nil where nothing does.
    public func anonymise(_ event: UnsafeRawBufferPointer, from origin: String) -> (
        event: [UInt8], origin: String
    )? {
        var texts = PersonalTexts()
        texts.add(event: event)
        texts.add(mentionsIn: Array(origin.utf8))
        let clean = scrub(event, texts)
        let cleanOrigin = Array(origin.utf8).withUnsafeBytes { scrub($0, texts) }
        guard clean != nil || cleanOrigin != nil else { return nil }
        return (clean ?? Array(event), cleanOrigin.map { String(decoding: $0, as: UTF8.self) } ?? origin)
    }

    /// Bytes without the texts that were found in them or in what they hold; nil where there are none.
    public func scrub(_ bytes: UnsafeRawBufferPointer, _ texts: PersonalTexts) -> [UInt8]? {
        let addresses = texts.addresses
        guard !addresses.isEmpty || !texts.networks.isEmpty else { return nil }
        let pseudonyms = Dictionary(
            uniqueKeysWithValues: addresses.map { ($0, Pseudonym.of($0, under: hash)) })
        return AddressScrubber(literals: texts.networks) { pseudonyms[$0] }.scrub(bytes)
    }

    /// A text with all addresses in it replaced.
    public func scrub(_ text: String) -> String {
        var texts = PersonalTexts()
        texts.add(mentionsIn: Array(text.utf8))
        return Array(text.utf8).withUnsafeBytes { scrub($0, texts) }.map {
            String(decoding: $0, as: UTF8.self)
        } ?? text
    }
}
