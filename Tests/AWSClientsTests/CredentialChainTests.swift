import AWSProtocols
import Foundation
import Primitives
import Testing

@testable import AWSClients

@Suite("Where a key is looked for")
struct CredentialChainTests {
    private let home = FileManager.default.temporaryDirectory.appending(path: "aws-\(UUID().uuidString)").path

    /// What a chain finds: the key's id and its origin, or the failure's message.
    private func find(_ environment: [String: String], files: [String: String] = [:]) async throws -> String {
        for (name, text) in files {
            let file = URL(filePath: "\(home)/.aws/\(name)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        defer { try? FileManager.default.removeItem(atPath: home) }
        let environment = environment.merging(["AWS_EC2_METADATA_DISABLED": "true"]) { $1 }
        return try await AWSTransport.with { transport in
            let chain = CredentialChain(environment: environment, home: home, transport: transport)
            do {
                let found = try await AWSCredentialProvider(chain).found()
                let token = found.credentials.sessionToken.map { " \($0)" } ?? ""
                return
                    "\(found.credentials.accessKeyID) \(found.credentials.secretAccessKey)\(token) from \(found.origin)"
            } catch let failure as Failure { return failure.message }
        }
    }

    private let file = """
        # keys
        [default]
        aws_access_key_id = AKIDEFAULT
        aws_secret_access_key = s#ecret/1   # the old one
        region=eu-west-1
        s3 =
          aws_access_key_id = nested
        [ other ]
        AWS_ACCESS_KEY_ID=AKIOTHER
        aws_secret_access_key=2
        aws_session_token=t
        """

    @Test("is the environment first, then a profile, in the order of AWS's own tools")
    func order() async throws {
        let files = ["credentials": file]
        let keys = ["AWS_ACCESS_KEY_ID": "AKIENV", "AWS_SECRET_ACCESS_KEY": "0"]
        #expect(try await find(keys, files: files) == "AKIENV 0 from the environment")
        #expect(
            try await find([:], files: files)
                == "AKIDEFAULT s#ecret/1 from the profile 'default' in \(home)/.aws/credentials")
        #expect(
            try await find(["AWS_PROFILE": "other"], files: files)
                == "AKIOTHER 2 t from the profile 'other' in \(home)/.aws/credentials")
        let config = ["config": "[profile third]\naws_access_key_id=AKITHIRD\naws_secret_access_key=3\n"]
        #expect(
            try await find(["AWS_PROFILE": "third"], files: config)
                == "AKITHIRD 3 from the profile 'third' in \(home)/.aws/config")
    }

    @Test("is not passed over where somebody began to say it")
    func half() async throws {
        #expect(try await find(["AWS_ACCESS_KEY_ID": "AKI"]).contains("AWS_SECRET_ACCESS_KEY is not"))
        #expect(
            try await find(["AWS_PROFILE": "nobody"]).contains(
                "the profile 'nobody' of AWS_PROFILE has no access key"))
        #expect(
            try await find(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com/"])
                .contains("neither this machine nor https"))
        #expect(try await find([:]).contains("no AWS key was found"))
    }

    @Test("is one of its own if the source has it, and never shows its secret")
    func fixed() async throws {
        let provider = AWSCredentialProvider(fixed: .init(accessKeyID: "AKI", secretAccessKey: "hidden"))
        #expect(try await provider.found().origin == "the source's own access key")
        #expect(!"\(try await provider.found())".contains("hidden"))
    }
}
