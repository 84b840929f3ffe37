import AWSProtocols
import Primitives

/// What a request wants, in the words of AWS's policies; for sentences about why it failed.
struct AWSAction: Sendable {
    /// The permission, such as `s3:ListBucket`.
    var permission: String
    /// What it is about, as people say it: `the bucket my-events`.
    var object: String
    /// The same as a policy says it.
    var resource: String
}

extension AWSAction {
    /// AWS's error as a sentence that says what to do.
    func failure(_ error: AWSAnswerError, _ credentials: AWSCredentials, now: Timestamp) -> Failure {
        switch error.code {
        case "AccessDenied", "AccessDeniedException", "AccessDeniedFault", "AllAccessDisabled", "HTTP 403":
            return Failure(
                .refused,
                "AWS does not allow \(permission) on \(resource) to \(credentials); add the permission to the policy of its "
                    + "user or role")
        case "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException":
            return Failure(
                .refused, "AWS does not know \(credentials); give one that is active (\(object))")
        case "SignatureDoesNotMatch", "InvalidSignatureException", "RequestTimeTooSkewed", "RequestExpired":
            return skew(error, now) ?? mismatch(error, credentials)
        case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired":
            return Failure(
                .refused, "\(credentials) has expired; sign in anew, or take a role that renews itself")
        case "NoSuchBucket":
            return Failure(.notFound, "there is no \(object); correct the name of the bucket")
        case "NoSuchKey", "HTTP 404":
            return Failure(.notFound, "there is no \(object)")
        case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException",
            "HTTP 301":
            let place = error.region.map { "in \($0)" } ?? "in another region"
            return Failure(.usage, "\(object) is \(place); add the source with that --region")
        case "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue":
            return Failure(.notFound, "there is no \(object); correct its URL and region")
        case "PreconditionFailed", "HTTP 412":
            return Failure(.notFound, "\(object) has changed since it was listed")
        case "InvalidObjectState":
            return Failure(.input, "\(object) is in an archive; restore it in S3 first")
        default: return other(error)
        }
    }

    private func other(_ error: AWSAnswerError) -> Failure {
        let words = error.message.isEmpty ? "" : ": \(error.message)"
        if error.isTransient {
            return Failure(
                .limit,
                "AWS cannot do \(permission) on \(resource) at the moment (\(error.code)\(words)); it is tried again"
            )
        }
        return Failure(.refused, "\(permission) on \(resource) failed with \(error.code)\(words)")
    }

    private func mismatch(_ error: AWSAnswerError, _ credentials: AWSCredentials) -> Failure {
        Failure(
            .refused,
            "the secret does not belong to \(credentials): AWS does not accept the signature (\(error.code)); give the "
                + "right secret with sesame source rotate")
    }

    /// AWS takes signatures for 5 to 15 minutes.
    private func skew(_ error: AWSAnswerError, _ now: Timestamp) -> Failure? {
        guard let date = error.date else { return nil }
        let seconds = (now.microseconds - date.microseconds) / 1_000_000
        guard abs(seconds) > 240 else { return nil }
        return Failure(
            .refused,
            "this machine's clock is \(abs(seconds) / 60) minutes \(seconds > 0 ? "ahead of" : "behind") AWS's, so that "
                + "AWS takes no signature of it; set the clock")
    }
}
