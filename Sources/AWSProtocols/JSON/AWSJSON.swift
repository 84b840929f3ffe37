import Foundation

/// What all of AWS's JSON 1.1 services share.
public enum AWSJSON {
    /// The `Content-Type` of requests and answers.
    public static let contentType = "application/x-amz-json-1.1"
    /// The header that names the operation, in lower case.
    public static let targetHeader = "x-amz-target"
    /// The header by which an answer carries its request's id.
    public static let requestIDHeader = "x-amzn-RequestId"

    /// A new id for a request.
    public static func newRequestID() -> String { UUID().uuidString.lowercased() }

    /// Reads a shape whose members' names differ from the properties' in the case of the first letter only.
    ///
    /// For control operations; records take the scanner's way, for a coder costs as much as storing some fifty events.
    static func decode<Shape: Decodable>(_ type: Shape.Type, _ body: [UInt8]) throws(AWSError) -> Shape {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .custom { path in Key(path[path.count - 1].stringValue.firstLowered) }
        do {
            return try decoder.decode(type, from: body.isEmpty ? Data("{}".utf8) : Data(body))
        } catch DecodingError.keyNotFound(let key, let context) {
            let path = (context.codingPath + [key]).map(\.stringValue).joined(separator: ".")
            throw .validation(path, "Member must not be null")
        } catch DecodingError.typeMismatch(_, let context) {
            throw .serialization(
                "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has the wrong type")
        } catch {
            throw .serialization("the body is not a JSON object of this operation's shape")
        }
    }

    static func encode(_ shape: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .custom { path in Key(path[path.count - 1].stringValue.firstRaised) }
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .secondsSince1970
        // Shapes are made of texts and finite numbers, which always can be written.
        return (try? encoder.encode(shape)).map(Array.init) ?? Array("{}".utf8)
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }
}

extension String {
    fileprivate var firstLowered: String { prefix(1).lowercased() + dropFirst() }
    fileprivate var firstRaised: String { prefix(1).uppercased() + dropFirst() }
}
