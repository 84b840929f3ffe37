import Primitives
import Testing

@testable import AWSClients

@Suite("A page of a listing")
struct S3PageTests {
    /// As S3 answers, shortened; keys are encoded as forms are.
    private static let answer = """
        <?xml version="1.0" encoding="UTF-8"?>
        <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>my-events</Name><Prefix>ses/</Prefix>\
        <NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken><KeyCount>2</KeyCount>\
        <MaxKeys>2</MaxKeys><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
        <Contents><Key>ses/2026/08/01/12/a+b%2Bc%C3%BC</Key><LastModified>2026-08-01T12:00:05.000Z</LastModified>\
        <ETag>&quot;70ee1738b6b21e2c8a43f3a5ab0eee71&quot;</ETag><Size>434234</Size><StorageClass>STANDARD</StorageClass></Contents>\
        <Contents><Key>ses/z</Key><LastModified>2026-08-01T13:00:00Z</LastModified><ETag>"x-2"</ETag><Size>0</Size></Contents>\
        </ListBucketResult>
        """

    @Test("gives keys as they are, tags without quotes, and what asks for the next page")
    func reads() throws {
        let page = try S3Page(parsing: Array(Self.answer.utf8))
        let noon = try #require(Timestamp(parsing: "2026-08-01T12:00:05Z"))
        #expect(
            page.objects.first
                == S3Object(
                    key: "ses/2026/08/01/12/a b+cü", etag: "70ee1738b6b21e2c8a43f3a5ab0eee71", size: 434_234,
                    modifiedAt: noon))
        #expect(
            page.objects.last?.etag == "x-2" && page.next == "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=")
    }

    @Test("is the last where it is not cut off, also without an object")
    func last() throws {
        let text =
            "<ListBucketResult><IsTruncated>false</IsTruncated><KeyCount>0</KeyCount></ListBucketResult>"
        let page = try S3Page(parsing: Array(text.utf8))
        #expect(page.objects.isEmpty && page.next == nil)
    }

    @Test(
        "is refused if the server says something else",
        arguments: [
            "<html></html>", "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
        ])
    func foreign(text: String) {
        #expect(throws: Failure.self) { try S3Page(parsing: Array(text.utf8)) }
    }
}
