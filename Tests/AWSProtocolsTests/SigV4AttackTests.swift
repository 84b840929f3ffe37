import AWSProtocols
import Primitives
import Testing

private let credentials = AWSCredentials(accessKeyID: "AKIATEST", secretAccessKey: "wJalrXUtnFEMI/K7MDENG")
private let noon = Timestamp.at("2026-08-01T12:00:00Z")
private let body = Array(#"{"DeliveryStreamName":"s","Record":{"Data":"YQ=="}}"#.utf8)

/// A request to Firehose as a client sends it.
private func put(region: String = "eu-west-1", service: String = "firehose") -> SignedRequest {
    var request = SignedRequest(
        method: "POST", path: "/", query: "x=1&y=a%20b",
        headers: [
            ("Host", "localhost:8080"), ("Content-Type", "application/x-amz-json-1.1"),
            ("X-Amz-Target", "Firehose_20150804.PutRecord"),
        ], bodyHash: SignedRequest.bodyHash(of: body))
    SigV4Signer(credentials: credentials, region: region, service: service).sign(&request, at: noon)
    return request
}

private func verify(
    _ request: SignedRequest, now: Timestamp = noon, _ rules: SigV4Rules = SigV4Rules(service: "firehose")
) async throws(SigV4Error) -> SigV4Identity {
    try await SigV4Verifier(rules).verify(request, now: now) { key in
        key == "AKIATEST" ? credentials.secretAccessKey : nil
    }
}

/// The error with which a request is refused.
private func refusal(
    _ request: SignedRequest, now: Timestamp = noon, _ rules: SigV4Rules = SigV4Rules(service: "firehose")
) async -> SigV4Error? {
    do {
        _ = try await verify(request, now: now, rules)
        return nil
    } catch {
        return error
    }
}

extension SignedRequest {
    fileprivate func with(_ change: (inout SignedRequest) -> Void) -> SignedRequest {
        var copy = self
        change(&copy)
        return copy
    }

    fileprivate func setting(_ name: String, _ change: (String) -> String) -> SignedRequest {
        with { request in
            for index in request.headers.indices where request.headers[index].name.lowercased() == name {
                request.headers[index].value = change(request.headers[index].value)
            }
        }
    }
}

@Suite("A signed request is refused")
struct SigV4AttackTests {
    @Test("unless it is as it was signed")
    func controls() async throws {
        #expect(try await verify(put()).accessKeyID == "AKIATEST")
    }

    @Test("when nothing is signed, or it is signed twice")
    func countsSignatures() async {
        let unsigned = put().with { $0.headers.removeLast() }
        #expect(await refusal(unsigned)?.code == .missingAuthenticationToken)
        let twice = put().with { request in request.headers.append(request.headers[request.headers.count - 1])
        }
        #expect(await refusal(twice)?.code == .incompleteSignature)
        let inQueryToo = put().with { $0.query += "&X-Amz-Signature=00" }
        #expect(await refusal(inQueryToo)?.code == .incompleteSignature)
    }

    @Test(
        "when its Authorization is malformed",
        arguments: [
            "", "Bearer abc", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=AKIATEST",
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=zz",
            "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=00",
            "AWS4-HMAC-SHA256 Credential=a, Credential=b, SignedHeaders=host, Signature=00",
            "AWS4-HMAC-SHA256 Credential=a, Extra=b, SignedHeaders=host, Signature=00",
            "AWS4-HMAC-SHA512 Credential=a, SignedHeaders=host, Signature=00",
        ])
    func malformed(value: String) async {
        let error = await refusal(put().setting("authorization") { _ in value })
        #expect(error != nil && error?.code != .unrecognizedClient)
    }

    @Test("when its key is nobody's")
    func unknownKey() async {
        let other = put().setting("authorization") { $0.replacing("AKIATEST", with: "AKIAELSE") }
        #expect(await refusal(other)?.exceptionName == "UnrecognizedClientException")
        let withToken = put().with { request in
            request.headers.removeLast(2)
            let temporary = AWSCredentials(
                accessKeyID: "AKIATEST", secretAccessKey: credentials.secretAccessKey, sessionToken: "t")
            SigV4Signer(credentials: temporary, region: "eu-west-1", service: "firehose").sign(
                &request, at: noon)
        }
        #expect(await refusal(withToken)?.code == .unrecognizedClient)
    }

    @Test("when it was signed too long ago or is still to come")
    func clock() async {
        #expect(await refusal(put(), now: noon.plus(seconds: 900)) == nil)
        #expect(await refusal(put(), now: noon.plus(seconds: -900)) == nil)
        let late = await refusal(put(), now: noon.plus(seconds: 901))
        #expect(
            late?.message
                == "Signature expired: 20260801T120000Z is now earlier than 20260801T120001Z (20260801T121501Z - 15 min.)"
        )
        let early = await refusal(put(), now: noon.plus(seconds: -901))
        #expect(
            early?.message.hasPrefix("Signature not yet current: 20260801T120000Z is still later than")
                == true)
        let otherDay = put().setting("x-amz-date") { _ in "20260802T000000Z" }
        #expect(await refusal(otherDay, now: noon)?.message.contains("does not match YYYYMMDD") == true)
    }

    @Test("when it was signed for another service or region")
    func scope() async {
        #expect(
            await refusal(put(service: "athena"))?.message.contains("correct service: 'firehose'") == true)
        let rules = SigV4Rules(service: "firehose", regions: ["eu-west-1"])
        #expect(await refusal(put(), rules) == nil)
        #expect(await refusal(put(region: "us-east-1"), rules)?.message.contains("valid region") == true)
        let terminator = put().setting("authorization") { $0.replacing("aws4_request", with: "aws5_request") }
        #expect(await refusal(terminator)?.message.contains("valid terminator") == true)
    }

    @Test("when a header that AWS wants signed is not")
    func unsignedHeaders() async {
        let added = put().with { $0.headers.append(("X-Amz-Extra", "1")) }
        #expect(
            await refusal(added)?.message
                == "'x-amz-extra' must be a 'SignedHeader' in the AWS Authorization.")
        let byProxy = put().with {
            $0.headers += [("X-Amz-Cf-Id", "1"), ("X-Amzn-Trace-Id", "2"), ("Via", "3")]
        }
        #expect(await refusal(byProxy) == nil)
        for name in ["host", "x-amz-date", "x-amz-target"] {
            let dropped = put().setting("authorization") {
                $0.replacing("\(name);", with: "").replacing(";\(name),", with: ",")
            }
            #expect(await refusal(dropped)?.message.contains("'\(name)' must be") == true, "\(name)")
        }
    }

    @Test("when a signed header did not arrive, or the list is not sorted")
    func signedHeaderList() async {
        let absent = put().with { $0.headers.removeAll { $0.name == "Content-Type" } }
        #expect(await refusal(absent)?.message.contains("did not arrive") == true)
        let unsorted = put().setting("authorization") {
            $0.replacing("content-type;host", with: "host;content-type")
        }
        #expect(await refusal(unsorted)?.code == .incompleteSignature)
        let upper = put().setting("authorization") { $0.replacing(";host;", with: ";Host;") }
        #expect(await refusal(upper)?.code == .incompleteSignature)
    }

    @Test(
        "when a header comes twice or smuggles a line",
        arguments: ["Host", "X-Amz-Target", "X-Amz-Date", "Content-Type"])
    func doubledHeaders(name: String) async {
        let doubled = put().with { $0.headers.append((name.lowercased(), "other")) }
        #expect(await refusal(doubled)?.message.contains("more than once") == true)
        for tail in ["\r\nX-Evil: 1", "\n", "\r", "\u{0}"] {
            #expect(
                await refusal(put().setting(name.lowercased()) { $0 + tail })?.code == .incompleteSignature)
        }
        let oddName = put().with { $0.headers.append(("\(name) ", "x")) }
        #expect(await refusal(oddName)?.code == .incompleteSignature)
    }

    @Test(
        "when its path has a second reading",
        arguments: ["//", "/./", "/x/..", "/..", "", "/a b", "/a?b", "/#", "/\r\n"])
    func paths(path: String) async {
        #expect(await refusal(put().with { $0.path = path }) != nil)
    }

    @Test("when the body is another, or its hash in the header is")
    func bodies() async {
        let other = put().with { $0.bodyHash = SignedRequest.bodyHash(of: body + [0x20]) }
        #expect(await refusal(other)?.queryProtocolName == "SignatureDoesNotMatch")
        var unsigned = put().with { $0.headers.removeLast(2) }
        SigV4Signer(credentials: credentials, region: "eu-west-1", service: "firehose")
            .sign(&unsigned, at: noon, payload: .unsigned)
        #expect(await refusal(unsigned)?.message.contains("x-amz-content-sha256") == true)
        #expect(await refusal(unsigned, SigV4Rules(service: "firehose", allowsUnsignedPayload: true)) == nil)
        let streaming = unsigned.setting("x-amz-content-sha256") { _ in "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" }
        #expect(await refusal(streaming, SigV4Rules(service: "firehose", allowsUnsignedPayload: true)) != nil)
    }

    @Test("when a presigned query is used too late or changed")
    func presigned() async {
        let signer = SigV4Signer(credentials: credentials, region: "eu-west-1", service: "s3", dialect: .s3)
        var request = SignedRequest(
            method: "GET", path: "/b/k..//x", query: "versionId=1", headers: [("host", "h")])
        request.query = signer.presignedQuery(request, at: noon, seconds: 60)
        let rules = SigV4Rules(service: "s3", dialect: .s3)
        #expect(await refusal(request, now: noon.plus(seconds: 60), rules) == nil)
        #expect(
            await refusal(request, now: noon.plus(seconds: 61), rules)?.message.contains("expired") == true)
        let longer = request.with { $0.query = $0.query.replacing("Expires=60", with: "Expires=600") }
        #expect(await refusal(longer, rules)?.code == .invalidSignature)
        let tooLong = request.with { $0.query = $0.query.replacing("Expires=60", with: "Expires=604801") }
        #expect(await refusal(tooLong, rules)?.code == .incompleteSignature)
        let twice = request.with { $0.query += "&X-Amz-Expires=60" }
        #expect(await refusal(twice, rules)?.code == .incompleteSignature)
    }
}
