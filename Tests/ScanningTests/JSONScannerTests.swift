import Scanning
import Testing

private func members(_ text: String) -> [String: String]? {
    Array(text.utf8).withUnsafeBytes { bytes in
        var found: [String: String] = [:]
        let isObject = JSONScanner.members(of: bytes) { key, value in
            found[String(decoding: key, as: UTF8.self)] = String(decoding: value.bytes, as: UTF8.self)
            return true
        }
        return isObject ? found : nil
    }
}

@Suite("The scanner")
struct JSONScannerTests {
    @Test("finds the members of an object")
    func findsMembers() {
        #expect(
            members(#" {"a" : 1, "b":{"c":[1,"}"]} ,"d":"\"x"} "#) == [
                "a": "1", "b": #"{"c":[1,"}"]}"#, "d": #""\"x""#,
            ])
        #expect(members("{}") == [:])
    }

    @Test(
        "knows what is no object",
        arguments: ["", "[]", "{", "{\"a\"}", "{\"a\":1", "{\"a\":1}x", "{\"a\":1,}", "{a:1}"])
    func refusesOthers(text: String) { #expect(members(text) == nil) }

    @Test("stops where it is told to")
    func stops() {
        var seen = 0
        let isArray = Array("[1,2,3".utf8).withUnsafeBytes { bytes in
            JSONScanner.elements(of: bytes) { _ in
                seen += 1
                return seen < 2
            }
        }
        #expect(isArray && seen == 2)
    }

    @Test("walks nested values in one pass")
    func walksNested() {
        let sum = Array(#"{"rows":[{"n":1},{"n":20}],"x":null}"#.utf8).withUnsafeBytes { bytes in
            var sum = 0
            var scanner = JSONScanner(bytes)
            let isWhole = scanner.members { key, scanner in
                guard key.elementsEqual("rows".utf8) else { return scanner.value() != nil }
                return scanner.elements { scanner in
                    scanner.members { _, scanner in
                        guard let value = scanner.value() else { return false }
                        sum += Int(String(decoding: value.bytes, as: UTF8.self)) ?? 0
                        return true
                    }
                }
            }
            return isWhole && scanner.isAtEnd() ? sum : nil
        }
        #expect(sum == 21)
    }
}
