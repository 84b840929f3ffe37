import Scanning

/// Events that travel in one request, as JSON lines.
public struct EventBatch: Sendable, Equatable {
    /// The lines, each with its newline.
    public private(set) var bytes: [UInt8] = []
    private(set) var ends: [Int] = []

    /// A batch without events.
    public init() {}

    /// The number of events.
    public var count: Int { ends.count }

    /// Adds one line, its newline included.
    public mutating func append(_ line: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: line)
        ends.append(bytes.count)
    }

    /// A line with its newline.
    subscript(index: Int) -> ArraySlice<UInt8> { bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }

    /// A line without its newline.
    func event(_ index: Int) -> ArraySlice<UInt8> { self[index].dropLast() }

    /// The `eventType` of an event, found without parsing: the key stands in no text that the simulator writes.
    func type(of index: Int) -> String {
        let key = Array(#""eventType":""#.utf8)
        let line = event(index)
        guard let start = line.firstRange(of: key)?.upperBound,
            let end = line[start...].firstIndex(of: Ascii.quote)
        else { return "" }
        return String(decoding: line[start..<end], as: UTF8.self)
    }
}
