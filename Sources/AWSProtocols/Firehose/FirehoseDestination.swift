/// Where a stream writes, as its maker set it: kept whole, so that what Describe tells is what was set.
///
/// Requests and answers name the same things differently: `ExtendedS3DestinationConfiguration` is told as
/// `ExtendedS3DestinationDescription` (and, for old clients, `S3DestinationDescription`), `S3Configuration` in it as
/// `S3DestinationDescription`, `S3BackupConfiguration` as `S3BackupDescription`. Keys are never told.
public struct FirehoseDestination: Sendable, Equatable {
    /// The members of a destination's description, without its id.
    public private(set) var members: [String: AWSJSON.Value]

    /// The kinds of destinations that are kept. None has an effect, so none is taken that holds a password.
    private static let kinds = ["ExtendedS3", "S3", "HttpEndpoint"]

    /// A destination that was kept as ``text``; nil if it is none.
    public init?(text: String) {
        guard let members = AWSJSON.Value(parsing: text.utf8)?.members else { return nil }
        self.members = members
    }

    /// The destination as it is kept.
    public var text: String { AWSJSON.Value.object(members).text }

    /// Reads the body of CreateDeliveryStream.
    public init(creating body: [UInt8]) throws(AWSError) {
        members = [:]
        guard let (kind, settings) = try FirehoseDestination.find("DestinationConfiguration", in: body) else {
            throw AWSError("InvalidArgumentException", "Exactly one destination configuration is required")
        }
        set(kind, FirehoseDestination.described(settings, over: FirehoseDestination.defaults(kind)))
    }

    /// Takes what the body of UpdateDestination changes; what it does not name stays.
    public mutating func update(_ body: [UInt8]) throws(AWSError) {
        guard let (kind, changes) = try FirehoseDestination.find("DestinationUpdate", in: body) else {
            return
        }
        let extended =
            kind == "S3" && members["ExtendedS3DestinationDescription"] != nil ? "ExtendedS3" : kind
        let old = members["\(extended)DestinationDescription"]?.members
        set(
            extended,
            FirehoseDestination.described(changes, over: old ?? FirehoseDestination.defaults(extended)))
    }

    private mutating func set(_ kind: String, _ settings: [String: AWSJSON.Value]) {
        members = ["\(kind)DestinationDescription": .object(settings)]
        if kind == "ExtendedS3" {
            let plain = settings.filter { FirehoseDestination.plainS3.contains($0.key) }
            members["S3DestinationDescription"] = .object(plain)
        }
    }

    /// The one member whose name ends so; nil if there is none.
    private static func find(
        _ suffix: String, in body: [UInt8]
    ) throws(AWSError) -> (kind: String, settings: [String: AWSJSON.Value])? {
        let found = (AWSJSON.Value(parsing: body)?.members ?? [:]).filter {
            $0.key.hasSuffix(suffix) && $0.value != .null
        }
        guard found.count <= 1 else {
            throw AWSError("InvalidArgumentException", "Exactly one destination configuration is required")
        }
        guard let (name, value) = found.first else { return nil }
        let kind = String(name.dropLast(suffix.count))
        guard kinds.contains(kind), let settings = value.members else {
            throw AWSError(
                "InvalidArgumentException",
                "\(SigV4Error.quoted(name)) is not kept here; take one of \(kinds.joined(separator: ", "))")
        }
        return (kind, settings)
    }

    /// The members of S3's older description.
    private static let plainS3: Set<String> = [
        "RoleARN", "BucketARN", "Prefix", "ErrorOutputPrefix", "BufferingHints", "CompressionFormat",
        "EncryptionConfiguration", "CloudWatchLoggingOptions",
    ]

    /// What AWS tells of settings that were not made; clients take some of it for granted.
    private static func defaults(_ kind: String) -> [String: AWSJSON.Value] {
        var members: [String: AWSJSON.Value] = [
            "BufferingHints": .object(["SizeInMBs": .integer(5), "IntervalInSeconds": .integer(300)]),
            "CloudWatchLoggingOptions": .object(["Enabled": .bool(false)]),
        ]
        if kind == "HttpEndpoint" {
            members["S3BackupMode"] = .string("FailedDataOnly")
            members["RetryOptions"] = .object(["DurationInSeconds": .integer(300)])
            return members
        }
        members["CompressionFormat"] = .string("UNCOMPRESSED")
        members["EncryptionConfiguration"] = .object(["NoEncryptionConfig": .string("NoEncryption")])
        if kind == "ExtendedS3" { members["S3BackupMode"] = .string("Disabled") }
        return members
    }

    /// Settings under the names of descriptions and over those that were there, without null members and keys.
    private static func described(
        _ settings: [String: AWSJSON.Value], over old: [String: AWSJSON.Value]
    ) -> [String: AWSJSON.Value] {
        var members = old
        func nest(_ value: AWSJSON.Value, as name: String) {
            members[name] = value.members.map {
                .object(described($0, over: old[name]?.members ?? defaults("S3")))
            }
        }
        for (name, value) in settings where value != .null {
            switch name {
            case "S3Configuration", "S3Update": nest(value, as: "S3DestinationDescription")
            case "S3BackupConfiguration", "S3BackupUpdate": nest(value, as: "S3BackupDescription")
            case "EndpointConfiguration":
                members[name] = .object((value.members ?? [:]).filter { $0.key != "AccessKey" })
            default: members[name] = value
            }
        }
        return members
    }
}
