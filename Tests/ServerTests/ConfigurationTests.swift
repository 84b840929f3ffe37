import Foundation
import Logging
import Primitives
import Testing

@testable import Server

@Suite("Settings of the server")
struct ConfigurationTests {
    private func configuration(
        flags: [ServerSetting: String] = [:], environment: [String: String] = [:], file: String? = nil
    ) throws -> ServerConfiguration {
        let folder = TemporaryFolder()
        let path = folder.path + "/sesame.conf"
        if let file { try Data(file.utf8).write(to: URL(filePath: path)) }
        return try ServerConfiguration(flags: flags, environment: environment, file: path)
    }

    private func message(_ file: String) -> String {
        do {
            _ = try ConfigurationFile(text: file, path: "sesame.conf")
            return ""
        } catch { return error.message }
    }

    @Test("have the documented defaults, and say that they are")
    func defaults() throws {
        let found = try configuration()
        let plain = ServerConfiguration()
        #expect(found.host == plain.host && found.port == plain.port && found.logLevel == plain.logLevel)
        #expect(
            found.maximumIngestBody == plain.maximumIngestBody && found.maximumAPIBody == plain.maximumAPIBody
        )
        #expect(found.maximumBodyMemory == plain.maximumBodyMemory)
        #expect(found.maximumConnections == plain.maximumConnections)
        #expect(found.idleTimeout == plain.idleTimeout && found.bodyTimeout == plain.bodyTimeout)
        #expect(found.stopTimeout == plain.stopTimeout)
        #expect(ServerSetting.allCases.allSatisfy { found.chosen[$0]?.origin == .initial })
    }

    @Test("a flag goes before the environment, that before the file, that before the default")
    func precedence() throws {
        let environment = ["SESAME_PORT": "2", "SESAME_IDLE_TIMEOUT": "22s", "SESAME_LOG_LEVEL": ""]
        let file = "# ours\n\nport = 3\n idle-timeout=33\nmax-connections  =  44 \r\nlog-level = debug\n"
        let found = try configuration(flags: [.port: "1"], environment: environment, file: file)
        #expect(found.port == 1 && found.chosen[.port]?.origin.description == "--port")
        #expect(
            found.idleTimeout == 22
                && found.chosen[.idleTimeout]?.origin.description == "$SESAME_IDLE_TIMEOUT")
        #expect(found.maximumConnections == 44)
        #expect(found.chosen[.maximumConnections]?.origin.description.hasSuffix("sesame.conf:5") == true)
        #expect(found.logLevel == .debug)
        #expect(found.chosen[.bodyTimeout]?.origin.description == "default")
    }

    @Test("an unknown key, a double one and a line without = are errors with file and line")
    func badFile() {
        #expect(message("host = ::1\nprot = 1").hasPrefix("sesame.conf:2: there is no setting 'prot'"))
        #expect(message("port = 1\n#\nport = 2").hasPrefix("sesame.conf:3: 'port' is set twice"))
        #expect(message("port 1").hasPrefix("sesame.conf:1: a line must be a setting"))
        #expect(message("[server]").hasPrefix("sesame.conf:1: "))
    }

    @Test("a value that cannot be is an error with its origin")
    func badValues() {
        let bad: [(ServerSetting, String)] = [
            (.port, "65536"), (.port, "x"), (.host, ""), (.maximumIngestBody, "64 pounds"),
            (.maximumAPIBody, "-1"),
            (.maximumBodyMemory, "99999999999999999999"), (.idleTimeout, "0"), (.bodyTimeout, "1h"),
            (.logLevel, "loud"), (.logFormat, "xml"), (.trustedProxies, "10.0.0.1/8"),
            (.insecureHTTP, "maybe"),
        ]
        for (setting, value) in bad {
            let failure = #expect(throws: Failure.self) { try configuration(flags: [setting: value]) }
            #expect(failure?.kind == .usage)
            #expect(failure?.message.hasPrefix("--\(setting.rawValue): \(setting.rawValue) ") == true)
        }
    }

    @Test("sizes and lists are read as people write them")
    func values() throws {
        let found = try configuration(flags: [
            .maximumIngestBody: "8 MiB", .maximumAPIBody: "2048", .trustedProxies: "10.0.0.0/8, ::1",
            .insecureHTTP: "yes", .host: "[::1]", .logFormat: "JSON",
        ])
        #expect(found.maximumIngestBody == 8 << 20 && found.maximumAPIBody == 2_048)
        #expect(found.trustedProxies.count == 2 && found.insecureHTTP && found.host == "::1")
        #expect(found.logFormat == .json)
        #expect(found.url(port: 1) == "http://[::1]:1")
    }

    @Test("plain HTTP beyond loopback must be asked for")
    func exposure() throws {
        #expect(throws: Failure.self) { try configuration(flags: [.host: "0.0.0.0"]).checkExposure() }
        try configuration(flags: [.host: "0.0.0.0", .insecureHTTP: "yes"]).checkExposure()
        try configuration(flags: [.host: "0.0.0.0", .tlsCertificate: "c", .tlsKey: "k"]).checkExposure()
        try configuration(flags: [.host: "localhost"]).checkExposure()
        #expect(throws: Failure.self) { try configuration(flags: [.tlsCertificate: "c"]) }
    }
}
