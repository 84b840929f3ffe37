import Foundation
import HTTPTypes

extension IncomingRequest {
    /// The body's JSON object as a value.
    ///
    /// - Parameters:
    ///   - members: the names that it may have: one that is misspelt must not be passed over.
    ///   - hint: what to send.
    /// - Throws: ``HTTPProblem`` 400: `not-json`, `unknown-member` or `bad-value`.
    func decoded<Value: Decodable>(_ type: Value.Type, members: [String], hint: String) async throws -> Value
    {
        let body = Data(try await body.readDecoded(headers[.contentEncoding]))
        guard let object = try? JSONSerialization.jsonObject(with: body) as? [String: Any] else {
            throw HTTPProblem(.badRequest, "not-json", "the body is no JSON object", hint: hint)
        }
        if let stranger = object.keys.sorted().first(where: { !members.contains($0) }) {
            var problem = HTTPProblem(
                .badRequest, "unknown-member", "there is no member '\(stranger.prefix(100))'",
                hint: "there are: \(members.joined(separator: ", "))")
            problem.pointer = "/\(stranger.prefix(100))"
            throw problem
        }
        do { return try JSONDecoder().decode(type, from: body) } catch let error as DecodingError {
            let path = error.path.map(\.stringValue)
            var problem = HTTPProblem(
                .badRequest, "bad-value",
                path.isEmpty
                    ? "a member is missing or of another type"
                    : "\(path.joined(separator: ".")) cannot be that",
                hint: hint)
            problem.pointer = path.map { "/" + $0 }.joined()
            throw problem
        }
    }

    /// A part of the path whose percent-encoding is undone; empty where it cannot be.
    func decodedParameter(_ name: String) -> String { parameters[name]?.removingPercentEncoding ?? "" }

    /// A number of the query within bounds; nil where there is none.
    func queryNumber<Number: FixedWidthInteger>(_ name: String, in range: ClosedRange<Number>)
        throws(HTTPProblem)
        -> Number?
    {
        guard let text = queryValue(name), !text.isEmpty else { return nil }
        guard let number = Number(text), range.contains(number) else {
            throw HTTPProblem(
                .badRequest, "bad-request",
                "\(name) is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

extension DecodingError {
    /// Where it is.
    fileprivate var path: [any CodingKey] {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            context.codingPath
        case .keyNotFound(let key, let context): context.codingPath + [key]
        @unknown default: []
        }
    }
}
