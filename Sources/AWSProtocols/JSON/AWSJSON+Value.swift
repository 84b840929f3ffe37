import Foundation

extension AWSJSON {
    /// Any JSON value, for what is kept and given back without being understood.
    public enum Value: Sendable, Equatable, Codable {
        case null
        case bool(Bool)
        case integer(Int64)
        case number(Double)
        case string(String)
        case array([Value])
        case object([String: Value])

        /// Reads a whole text; nil if it is no JSON.
        public init?(parsing bytes: some Sequence<UInt8>) {
            guard let value = try? JSONDecoder().decode(Value.self, from: Data(bytes)) else { return nil }
            self = value
        }

        /// The value that a decoder stands at.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? container.decode(Int64.self) {
                self = .integer(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else if let value = try? container.decode(String.self) {
                self = .string(value)
            } else if let value = try? container.decode([Value].self) {
                self = .array(value)
            } else {
                self = .object(try container.decode([String: Value].self))
            }
        }

        /// Writes the value.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .null: try container.encodeNil()
            case .bool(let value): try container.encode(value)
            case .integer(let value): try container.encode(value)
            case .number(let value): try container.encode(value)
            case .string(let value): try container.encode(value)
            case .array(let value): try container.encode(value)
            case .object(let value): try container.encode(value)
            }
        }

        /// The text, keys in order.
        public var text: String { String(decoding: AWSJSON.encode(self), as: UTF8.self) }

        /// A member of an object; nil for a value of another kind.
        public subscript(name: String) -> Value? {
            if case .object(let members) = self { members[name] } else { nil }
        }

        /// The members of an object; nil for a value of another kind.
        public var members: [String: Value]? {
            if case .object(let members) = self { members } else { nil }
        }
    }
}
