/// Tells whether bytes are one whole JSON document, by the same parser that reads events.
public final class JSONCheck {
    private let parser = JSONParser()
    private var padded: [UInt8] = []

    /// A check with memory of its own; one for each thread.
    public init() {}

    /// Reads the document and forgets it.
    ///
    /// - Throws: ``EventDecodingError/notJSON(_:)`` with the parser's reason.
    public func check(_ bytes: UnsafeRawBufferPointer) throws(EventDecodingError) {
        // The parser reads up to 64 bytes behind the end.
        padded.removeAll(keepingCapacity: true)
        padded.append(contentsOf: bytes)
        padded.append(contentsOf: repeatElement(0, count: 64))
        let failure = padded.withUnsafeBytes { padded -> EventDecodingError? in
            do throws(EventDecodingError) {
                _ = try parser.parse(UnsafeRawBufferPointer(rebasing: padded[..<bytes.count]))
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
    }
}
