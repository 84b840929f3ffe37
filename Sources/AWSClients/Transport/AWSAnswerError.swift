import Foundation
import NIOHTTP1
import Primitives

/// An error that a service of AWS answered with, out of XML (S3) or JSON (SQS).
struct AWSAnswerError: Error, Equatable {
    /// The HTTP status.
    var status: Int
    /// AWS's name for it, such as `AccessDenied`; by the status if the body has none.
    var code: String
    /// AWS's own words.
    var message: String
    /// Where the bucket is, if it is elsewhere.
    var region: String?
    /// The server's clock.
    var date: Timestamp?

    init(status: Int, code: String, message: String = "", region: String? = nil, date: Timestamp? = nil) {
        (self.status, self.code, self.message) = (status, code, message)
        (self.region, self.date) = (region, date)
    }

    /// Reads the answer to a request that failed.
    init(_ answer: AWSTransport.Answer) {
        status = answer.status
        date = answer.headers.first(name: "date").flatMap { Timestamp(httpDate: $0) }
        region = answer.headers.first(name: "x-amz-bucket-region")
        (code, message) = ("HTTP \(answer.status)", "")
        if let xml = try? XMLNode(parsing: answer.body) {
            // STS and IAM wrap the error once more.
            let error = xml["Error"] ?? xml
            code = error["Code"]?.text ?? code
            message = error["Message"]?.text ?? ""
            region = error["Region"]?.text ?? region
        } else if let json = try? JSONDecoder().decode(JSONError.self, from: Data(answer.body)),
            let type = json.__type ?? json.code
        {
            // `com.amazonaws.sqs#QueueDoesNotExist`
            code = String(type.split(separator: "#").last ?? "")
            message = json.message ?? json.Message ?? ""
        }
    }

    private struct JSONError: Decodable {
        var __type: String?
        var code: String?
        var message: String?
        var Message: String?
    }

    /// Whether the same request may pass a moment later.
    var isTransient: Bool {
        status >= 500 || status == 429 || status == 408 || Self.transientCodes.contains(code)
    }

    private static let transientCodes: Set<String> = [
        "SlowDown", "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
        "RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded", "RequestTimeout",
        "BandwidthLimitExceeded", "InternalError", "KmsThrottled",
    ]

    /// Whether the credentials are over, so that newer ones may do.
    var meansExpired: Bool {
        ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"].contains(code)
    }
}

extension Timestamp {
    /// Reads `Sat, 21 Nov 2026 11:12:00 GMT`.
    init?(httpDate text: String) {
        let parts = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 6, let month = months.firstIndex(of: String(parts[2])) else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        self.init(parsing: "\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }
}
