import Primitives
import Testing

@testable import AWSClients

@Suite("Endpoints")
struct AWSEndpointTests {
    @Test("of AWS are by region and partition")
    func aws() {
        #expect(
            AWSEndpoint(service: "s3", region: "eu-west-1").description
                == "https://s3.eu-west-1.amazonaws.com")
        #expect(
            AWSEndpoint(service: "sqs", region: "cn-north-1").description
                == "https://sqs.cn-north-1.amazonaws.com.cn")
    }

    @Test("of a URL leave out its path and its scheme's own port, which no Host header has")
    func urls() throws {
        #expect(try AWSEndpoint(url: "http://127.0.0.1:9000/a/b").description == "http://127.0.0.1:9000")
        #expect(try AWSEndpoint(url: "https://minio.example:443").authority == "minio.example")
        #expect(try AWSEndpoint(url: "http://[::1]:80/").authority == "[::1]")
        for url in ["", "ftp://x", "https://", "https://user@host", "host"] {
            #expect(throws: Failure.self) { try AWSEndpoint(url: url) }
        }
    }

    @Test("may stand in the variables that AWS's tools read, the service's own first")
    func environment() throws {
        let all = ["AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_S3": "http://s3"]
        #expect(try AWSEndpoint.named(in: all, service: "s3")?.authority == "s3")
        #expect(try AWSEndpoint.named(in: all, service: "sqs")?.authority == "all")
        #expect(try AWSEndpoint.named(in: [:], service: "s3") == nil)
    }

    @Test(
        "Keys are told as forms are",
        arguments: [("a+b%2Bc", "a b+c"), ("%C3%BC%", "ü%"), ("plain/key", "plain/key")])
    func forms(encoded: String, key: String) {
        #expect(encoded.formDecoded == key)
    }
}
