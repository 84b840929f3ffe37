import AWSProtocols

extension String {
    /// The text out of the encoding of HTML forms, which S3 uses for keys in listings and notifications: `+` is a space, `%2B` a plus.
    public var formDecoded: String {
        let spaced = replacing("+", with: " ")
        return String(decoding: PercentEncoding.decode(spaced), as: UTF8.self)
    }
}
