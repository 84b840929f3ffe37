import AWSProtocols
import Scanning

extension FirehoseRecords {
    /// All records in one body, each ended by a line feed; empty ones leave nothing.
    ///
    /// SES ends its records itself, and then the bytes stay as they are.
    var lines: [UInt8] {
        let isWhole = ends.indices.allSatisfy { self[$0].isEmpty || bytes[ends[$0] - 1] == Ascii.newline }
        if isWhole { return bytes }
        var joined: [UInt8] = []
        joined.reserveCapacity(bytes.count + count)
        for index in ends.indices where !self[index].isEmpty {
            joined += bytes[self[index]]
            if joined.last != Ascii.newline { joined.append(Ascii.newline) }
        }
        return joined
    }
}
