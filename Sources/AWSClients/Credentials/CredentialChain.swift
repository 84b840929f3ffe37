import AWSProtocols
import Foundation
import Primitives

/// Looks for a key where AWS's own tools do, and in their order: environment, profile in a file, container, machine.
///
/// Not read: single sign-on, `credential_process`, roles that a profile assumes, and web identities.
public struct CredentialChain: Sendable {
    typealias Found = AWSCredentialProvider.Found

    let environment: [String: String]
    let home: String
    let metadata: MetadataService

    /// A chain over the process's environment and its user's files, which are below `home` or else `$HOME`.
    public init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        home: String? = nil, transport: AWSTransport
    ) {
        self.environment = environment
        self.home = home ?? environment["HOME"] ?? NSHomeDirectory()
        metadata = MetadataService(transport: transport)
    }

    /// The first key that is found.
    ///
    /// - Throws: ``Failure`` of kind refused where there is none; another if one is there and cannot be had.
    func find() async throws -> Found {
        if let found = try fromEnvironment() { return found }
        if let found = try fromFiles() { return found }
        if let found = try await fromContainer() { return found }
        if let found = try await fromMachine() { return found }
        throw Failure(
            .refused,
            "no AWS key was found: there is none in AWS_ACCESS_KEY_ID, in \(credentialsFile), from a container or as the role "
                + "of this machine; give the source one with --access-key-id")
    }

    private func fromEnvironment() throws(Failure) -> Found? {
        guard let id = value("AWS_ACCESS_KEY_ID") else { return nil }
        guard let secret = value("AWS_SECRET_ACCESS_KEY") else {
            throw Failure(
                .refused, "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not; set both or none")
        }
        return Found(
            credentials: AWSCredentials(
                accessKeyID: id, secretAccessKey: secret, sessionToken: value("AWS_SESSION_TOKEN")),
            origin: "the environment")
    }

    private var credentialsFile: String { value("AWS_SHARED_CREDENTIALS_FILE") ?? "\(home)/.aws/credentials" }

    private func fromFiles() throws(Failure) -> Found? {
        let named = value("AWS_PROFILE")
        let profile = named ?? "default"
        let config = value("AWS_CONFIG_FILE") ?? "\(home)/.aws/config"
        let section = profile == "default" ? profile : "profile \(profile)"
        for (file, section) in [(credentialsFile, profile), (config, section)] {
            guard let data = FileManager.default.contents(atPath: file) else { continue }
            let pairs = SharedFile(text: String(decoding: data, as: UTF8.self)).sections[section] ?? [:]
            guard let id = pairs["aws_access_key_id"], let secret = pairs["aws_secret_access_key"] else {
                continue
            }
            return Found(
                credentials: AWSCredentials(
                    accessKeyID: id, secretAccessKey: secret, sessionToken: pairs["aws_session_token"]),
                origin: "the profile '\(profile)' in \(file)")
        }
        guard named == nil else {
            throw Failure(
                .refused,
                "the profile '\(profile)' of AWS_PROFILE has no access key in \(credentialsFile) or \(config); roles and "
                    + "single sign-on of profiles are not read")
        }
        return nil
    }

    private func fromContainer() async throws -> Found? {
        let url: String
        if let path = value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            url = "http://169.254.170.2\(path)"
        } else if let full = value("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
            url = full
        } else {
            return nil
        }
        let endpoint = try AWSEndpoint(url: url)
        guard endpoint.scheme == "https" || Self.isLocal(endpoint.host) else {
            throw Failure(
                .refused,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI names \(endpoint.host), which is neither this machine nor https"
            )
        }
        var headers: [(name: String, value: String)] = []
        if let token = try containerToken() { headers.append(("Authorization", token)) }
        return try await metadata.key(at: url, headers: headers, origin: "the container's role")
    }

    private func containerToken() throws(Failure) -> String? {
        guard let file = value("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") else {
            return value("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Failure(.refused, "cannot read \(file), which AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names")
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func isLocal(_ host: String) -> Bool {
        ["localhost", "127.0.0.1", "169.254.170.2", "169.254.170.23", "[::1", "[fd00:ec2::23"].contains(host)
    }

    private func fromMachine() async throws -> Found? {
        if value("AWS_EC2_METADATA_DISABLED")?.lowercased() == "true" { return nil }
        let base = value("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254"
        return try await metadata.keyOfMachine(at: base.hasSuffix("/") ? String(base.dropLast()) : base)
    }

    private func value(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
