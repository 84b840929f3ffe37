import Primitives
import Scanning

extension FirehoseDelivery {
    /// The `Content-Type` of an answer, which goes with a `Content-Length` and without compression.
    public static let answerContentType = "application/json"

    /// The body of an answer: with status 200 it says that every record is kept, with an error that Firehose try again.
    ///
    /// Never send 413: Firehose then drops the batch, and does not even keep it in the bucket for errors.
    public static func answer(requestID: String, at time: Timestamp, error: String? = nil) -> [UInt8] {
        var output = Array(#"{"requestId":"#.utf8)
        JSONText.quote(requestID.utf8, into: &output)
        output += #","timestamp":\#(time.microseconds / 1_000)"#.utf8
        if let error {
            output += #","errorMessage":"#.utf8
            // At most 8,192 characters; a fourth of it in bytes is so whatever they are.
            let shown = String(decoding: error.utf8.prefix(2_048), as: UTF8.self)
            JSONText.quote(shown.utf8, into: &output)
        }
        output.append(Ascii.closeBrace)
        return output
    }
}
