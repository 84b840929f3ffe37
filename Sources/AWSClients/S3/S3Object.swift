import Primitives

/// An object as a listing shows it.
public struct S3Object: Sendable, Hashable {
    /// Its key.
    public var key: String
    /// The tag of its content, without quotes: another content has another tag.
    public var etag: String
    /// Its bytes.
    public var size: Int
    /// When it was written.
    public var modifiedAt: Timestamp

    /// An object.
    public init(key: String, etag: String, size: Int, modifiedAt: Timestamp) {
        (self.key, self.etag, self.size, self.modifiedAt) = (key, etag, size, modifiedAt)
    }
}

/// A page of a listing, in the order of the keys' UTF-8 bytes.
public struct S3Page: Sendable, Equatable {
    /// At most 1,000 objects.
    public var objects: [S3Object]
    /// What asks for the next page; nil on the last.
    public var next: String?

    /// Reads the answer to ListObjectsV2 that was asked for with `encoding-type=url`.
    ///
    /// - Throws: ``Failure`` of kind input.
    init(parsing body: [UInt8]) throws(Failure) {
        let root = try XMLNode(parsing: body)
        guard root.name == "ListBucketResult" else {
            throw Failure(.input, "the answer to a listing is <\(root.name)>; the endpoint does not speak S3")
        }
        let isEncoded = root["EncodingType"]?.text == "url"
        objects = []
        for entry in root.all("Contents") {
            guard let key = entry["Key"]?.text, let size = entry["Size"].flatMap({ Int($0.text) }),
                let modified = entry["LastModified"].flatMap({ Timestamp(parsing: $0.text) })
            else { throw Failure(.input, "an object in the listing has no key, size or time") }
            objects.append(
                S3Object(
                    key: isEncoded ? key.formDecoded : key,
                    etag: entry["ETag"]?.text.filter { $0 != "\"" } ?? "", size: size, modifiedAt: modified))
        }
        next =
            root["IsTruncated"]?.text == "true" ? root["NextContinuationToken"]?.text : nil
    }
}
