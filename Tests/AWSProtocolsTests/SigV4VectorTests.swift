import AWSProtocols
import Foundation
import Primitives
import Testing

/// A request that botocore signed.
private struct Vector: Decodable, CustomTestStringConvertible {
    var kind, method, path, query, body, region, service, time, key, secret: String
    var headers: [[String]]
    var token, authorization, signedQuery: String?
    var expires: Int?

    var testDescription: String { "\(kind) \(method) \(path)?\(query)" }
    var isS3: Bool { kind.hasPrefix("s3") }
    var isNormal: Bool { kind != "normalize" }
    var instant: Timestamp {
        let t = Array(time)
        return .at(
            "\(String(t[0..<4]))-\(String(t[4..<6]))-\(String(t[6..<11])):\(String(t[11..<13])):\(String(t[13...]))"
        )
    }
    var request: SignedRequest {
        SignedRequest(
            method: method, path: path, query: query, headers: headers.map { ($0[0], $0[1]) },
            bodyHash: SignedRequest.bodyHash(of: Array(body.utf8)))
    }
    var signer: SigV4Signer {
        SigV4Signer(
            credentials: AWSCredentials(accessKeyID: key, secretAccessKey: secret, sessionToken: token),
            region: region, service: service, dialect: isS3 ? .s3 : .standard)
    }
    var verifier: SigV4Verifier {
        SigV4Verifier(SigV4Rules(service: service, regions: [region], dialect: isS3 ? .s3 : .standard))
    }

    static func all() throws -> [Vector] {
        try JSONDecoder().decode([Vector].self, from: Data(fixture("sigv4-vectors.json")))
    }
}

@Suite("Signature Version 4, as botocore signs")
struct SigV4VectorTests {
    @Test("signs each request with the same signature")
    func signs() throws {
        for vector in try Vector.all() {
            if let expires = vector.expires {
                let query = vector.signer.presignedQuery(vector.request, at: vector.instant, seconds: expires)
                #expect(signature(query) == vector.signedQuery.map(signature), "\(vector)")
            } else {
                var request = vector.request
                vector.signer.sign(&request, at: vector.instant)
                #expect(request.headers.last?.value == vector.authorization, "\(vector)")
            }
        }
    }

    @Test("is verified, whatever the request")
    func verifies() async throws {
        for vector in try Vector.all() where vector.token == nil && vector.isNormal {
            var request = vector.request
            if let query = vector.signedQuery { request.query = query }
            if let authorization = vector.authorization {
                request.headers += [("X-Amz-Date", vector.time), ("Authorization", authorization)]
                if vector.isS3 { request.headers.append(("X-Amz-Content-SHA256", request.bodyHash)) }
            }
            let identity = try await vector.verifier.verify(request, now: vector.instant) { _ in vector.secret
            }
            #expect(identity.accessKeyID == vector.key && identity.scope.region == vector.region)
        }
    }

    private func signature(_ query: String) -> Substring? { query.split(separator: "X-Amz-Signature=").last }

    @Test(
        "is verified on requests captured from the wire",
        arguments: [
            (
                "firehose", "Firehose_20150804.PutRecord",
                #"{"DeliveryStreamName": "ses-events", "Record": {"Data": "eyJldmVudFR5cGUiOiJTZW5kIn0K"}}"#,
                "ac21af21170af0fca7c789ea6b3076476a16b4084d470e438a1434c40e9f6eb2"
            ),
            (
                "firehose", "Firehose_20150804.PutRecordBatch",
                #"{"DeliveryStreamName": "ses-events", "Records": [{"Data": "YQ=="}, {"Data": "Yg=="}]}"#,
                "6abfa8ef042bf42e267f09c0ccf1c764be3eb85e3b2e719e8eb085683f89c054"
            ),
            (
                "glue", "AWSGlue.GetTables", #"{"DatabaseName": "ses"}"#,
                "4ffd3ef67cd2e2a06a84ba5b594e1ce6c295499ad6ef2472c1524614c620849d"
            ),
        ])
    func capturedRequests(service: String, target: String, body: String, signature: String) async throws {
        let request = SignedRequest(
            method: "POST", path: "/",
            headers: [
                ("host", "\(service).eu-west-1.amazonaws.com"), ("X-Amz-Target", target),
                ("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Date", "20260801T120000Z"),
                ("User-Agent", "Boto3/1"), ("amz-sdk-invocation-id", "1"),
                (
                    "Authorization",
                    "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLEKEYID0001/20260801/eu-west-1/\(service)/aws4_request, "
                        + "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=\(signature)"
                ),
            ], bodyHash: SignedRequest.bodyHash(of: Array(body.utf8)))
        let identity = try await SigV4Verifier(SigV4Rules(service: service))
            .verify(request, now: .at("2026-08-01T12:04:00Z")) { key in
                key == "AKIAEXAMPLEKEYID0001" ? "exampleSecretKeyForDocsOnly0000000000000" : nil
            }
        #expect(identity.scope.description == "20260801/eu-west-1/\(service)/aws4_request")
        #expect(identity.signedHeaders == ["content-type", "host", "x-amz-date", "x-amz-target"])
    }
}
