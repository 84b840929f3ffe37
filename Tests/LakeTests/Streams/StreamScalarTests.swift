import Primitives
import Testing

@testable import Lake

@Suite("Single values of a stream's records")
struct StreamScalarTests {
    private func read(_ text: String, _ type: String) throws -> StreamValue? {
        StreamScalar.value(Array(text.utf8), try HiveText.type(type))
    }

    @Test("whole numbers are exact, in range, and may be written as 1.0 or 1e3")
    func whole() throws {
        #expect(try read("7", "int") == .integer(7))
        #expect(try read("-2147483648", "int") == .integer(.min))
        #expect(try read("9223372036854775807", "bigint") == .long(.max))
        #expect(try read("1.0", "bigint") == .long(1) && read("1e3", "bigint") == .long(1_000))
        for text in ["2147483648", "1.5", "", "x", " 1", "1 ", "0x1", "1e", "--1", "NaN", "1e400"] {
            #expect(try read(text, "int") == nil, "\(text)")
        }
        #expect(try read("9223372036854775808", "bigint") == nil)
    }

    @Test("decimals are rounded half away from zero, and refused where they have too many digits")
    func decimals() throws {
        #expect(try read("1.005", "decimal(10,2)") == .decimal(101))
        #expect(try read("-1.005", "decimal(10,2)") == .decimal(-101))
        #expect(try read("1.0049999999999999999999999", "decimal(10,2)") == .decimal(100))
        #expect(try read("0.004", "decimal(10,2)") == .decimal(0) && read("0", "decimal(1,0)") == .decimal(0))
        #expect(try read("12e2", "decimal(4,0)") == .decimal(1_200))
        #expect(try read("9.99", "decimal(2,1)") == nil, "rounding makes it 10.0")
        let largest = String(repeating: "9", count: 38)
        #expect(try read(largest, "decimal(38,0)") == .decimal(try #require(Int128(largest))))
        #expect(try read(largest + "0", "decimal(38,0)") == nil)
    }

    @Test("floating numbers are finite and fit")
    func floating() throws {
        #expect(try read("1.5", "double") == .double(1.5) && read("3e38", "float") == .double(3e38))
        for text in ["1e400", "inf", "NaN", "0x1p3", ""] {
            #expect(try read(text, "double") == nil, "\(text)")
        }
        #expect(try read("1e39", "float") == nil)
    }

    @Test("times come as text with or without a zone, or as seconds or milliseconds since 1970")
    func times() throws {
        let noon = Int64(1_785_585_600_000_000)
        for text in [
            "2026-08-01T12:00:00Z", "2026-08-01 12:00:00", "2026-8-1 12:00:00", "2026-08-01T14:00:00+02:00",
            "1785585600", "1785585600000", "1785585600.0", "2026-08-01T12:00:00.000000000Z",
        ] { #expect(try read(text, "timestamp") == .long(noon), "\(text)") }
        #expect(try read("1785585600.123456", "timestamp") == .long(noon + 123_456))
        #expect(try read("2026-08-01 12:00:00.5", "timestamp") == .long(noon + 500_000))
        #expect(try read("-1", "timestamp") == .long(-1_000_000))
        for text in [
            "", "yesterday", "2026-13-01 00:00:00", "2026-02-30T00:00:00Z", "1785585600000000", "1e300",
            "2026-08-01",
        ] {
            #expect(try read(text, "timestamp") == nil, "\(text)")
        }
    }

    @Test("days and truth values")
    func daysAndTruth() throws {
        #expect(try read("1970-01-02", "date") == .integer(1) && read("1970-1-2", "date") == .integer(1))
        #expect(try read("2026-02-30", "date") == nil && read("20260801", "date") == nil)
        #expect(try read("TRUE", "boolean") == .boolean(true) && read("false", "boolean") == .boolean(false))
        #expect(try read("1", "boolean") == nil)
    }

    @Test("no text makes it stop, whatever the type")
    func anything() throws {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("0123456789+-.eE:TZ /x\"é".utf8)
        let types = ["int", "bigint", "double", "float", "decimal(38,19)", "timestamp", "date", "boolean"]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            for type in types { _ = StreamScalar.value(text, try HiveText.type(type)) }
        }
    }
}
