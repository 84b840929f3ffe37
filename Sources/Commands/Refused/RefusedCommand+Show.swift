import ArgumentParser
import Foundation
import Lake
import Primitives

extension RefusedCommand {
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one refused record: where it stood, why it was refused, and its bytes.",
            discussion: """
                Bytes that are text are shown as text, others as a hexadecimal dump, so that nothing in them speaks to the \
                terminal. --raw writes them as they are.
                """)
        @OptionGroup var options: HomeOptions
        @Option(help: "table, json or csv.") var format = AnswerFormat.table
        @Flag(help: "Write the bytes alone, as they are, to standard output.") var raw = false
        @Argument(help: "The record's id, or its first 6 characters or more.") var id: String

        func run() async throws {
            let record = try await openLake(options).refusedRecord(id)
            let bytes = record.event.bytes
            if raw { return FileHandle.standardOutput.write(Data(bytes)) }
            let text = String(validating: bytes, as: UTF8.self)
            guard format == .table else {
                let body: [(name: String, cell: AnswerRows.Cell)] = [
                    ("body", .text(text)),
                    ("body_base64", .text(text == nil ? Data(bytes).base64EncodedString() : nil)),
                ]
                return printFields(record.cells + body, as: format)
            }
            printFields(
                [
                    ("id", .text(record.id)), ("refused", .text(record.event.refusedAt.millisecondText)),
                    ("source", .text(record.event.sourceName)), ("place", .text(record.event.place)),
                    ("reason", .text(record.event.reason)),
                    ("bytes", .number(Double(record.event.byteCount))),
                ], as: .table)
            if bytes.count < record.event.byteCount {
                Terminal.error(
                    "only the first \(bytes.count.grouped) bytes are kept here; the whole record is in raw, and "
                        + "a replay finds it there")
            }
            print("")
            for line in ByteText.lines(bytes) { print(line) }
        }
    }
}

/// Bytes of a stranger's for a person to read.
enum ByteText {
    /// The text's lines where the bytes are text that can do no harm, else a dump as `hexdump -C` prints it.
    static func lines(_ bytes: [UInt8]) -> [String] {
        if let text = String(validating: bytes, as: UTF8.self), text.unicodeScalars.allSatisfy(isHarmless) {
            return text.split(separator: /\r\n|\n/, omittingEmptySubsequences: false).map(String.init)
        }
        return stride(from: 0, to: bytes.count, by: 16).map { start in
            dump(bytes[start..<min(start + 16, bytes.count)], at: start)
        }
    }

    /// Control characters move the cursor and set colours; those that turn the direction of text make it look like another.
    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control: scalar == "\n" || scalar == "\t" || scalar == "\r"
        case .format, .lineSeparator, .paragraphSeparator, .privateUse: scalar == "\u{200D}"
        default: true
        }
    }

    private static func dump(_ bytes: ArraySlice<UInt8>, at offset: Int) -> String {
        var codes = bytes.map { hex(Int($0), 2) } + Array(repeating: "  ", count: 16 - bytes.count)
        codes.insert("", at: 8)
        let letters = bytes.map { (0x20..<0x7f).contains($0) ? Character(UnicodeScalar($0)) : "." }
        return "\(hex(offset, 8))  \(codes.joined(separator: " "))  |\(String(letters))|"
    }

    private static func hex(_ number: Int, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
