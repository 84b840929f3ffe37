import HTTPTypes

/// A method and a path, and what answers there.
struct Route: Sendable {
    typealias Handler = @Sendable (IncomingRequest) async throws -> ReceiverAnswer

    var method: HTTPRequest.Method
    /// The path; a segment in braces stands for any one segment.
    var pattern: String
    /// The most bytes of a body.
    var bodyLimit: Int
    var handler: Handler

    /// The name in metrics and logs.
    var name: String { "\(method.rawValue) \(pattern)" }

    init(_ method: HTTPRequest.Method, _ pattern: String, bodyLimit: Int = 0, handler: @escaping Handler) {
        (self.method, self.pattern, self.bodyLimit, self.handler) = (method, pattern, bodyLimit, handler)
    }
}

/// The routes in order; the first that fits answers.
struct RouteTable: Sendable {
    /// What a path led to.
    enum Match {
        case found(Route, parameters: [String: String])
        case wrongMethod(allowed: [HTTPRequest.Method])
        case notFound
    }

    private let routes: [(route: Route, segments: [Substring])]

    init(_ routes: [Route]) {
        self.routes = routes.map { ($0, $0.pattern.split(separator: "/", omittingEmptySubsequences: false)) }
    }

    /// Finds the route. `HEAD` goes where `GET` goes. Segments are compared as they came: no percent-encoding, no dots.
    func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        var allowed: [HTTPRequest.Method] = []
        for (route, pattern) in routes {
            guard let parameters = RouteTable.parameters(of: segments, in: pattern) else { continue }
            if route.method == method || (method == .head && route.method == .get) {
                return .found(route, parameters: parameters)
            }
            if !allowed.contains(route.method) { allowed.append(route.method) }
        }
        return allowed.isEmpty ? .notFound : .wrongMethod(allowed: allowed)
    }

    private static func parameters(of segments: [Substring], in pattern: [Substring]) -> [String: String]? {
        guard segments.count == pattern.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, expected) in zip(segments, pattern) {
            if expected.hasPrefix("{") {
                guard !segment.isEmpty else { return nil }
                parameters[String(expected.dropFirst().dropLast())] = String(segment)
            } else if segment != expected {
                return nil
            }
        }
        return parameters
    }
}
