import Crypto
import CryptoExtras
import Foundation
import Primitives

/// Hashes passwords with scrypt (RFC 7914), one at a time, on a thread of its own.
///
/// A hash is kept with its parameters, in the PHC string format:
///
///     $scrypt$ln=15,r=8,p=3$<salt, base64 without padding>$<hash, the same>
///
/// where N = 2^ln. One hash takes 32 MB and some 0.2 s; since they queue, many sign-ins at once take no more memory.
actor PasswordHasher {
    private let executor = BlockingExecutor(label: "password hashing")
    /// The hasher's own thread.
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    struct Parameters: Equatable {
        // OWASP's recommendation for p = 3; tests take less.
        static let current = Parameters(logRounds: 15, blockSize: 8, parallelism: 3)
        var logRounds: Int
        var blockSize: Int
        var parallelism: Int
    }

    private let parameters: Parameters

    /// A hasher with the parameters of today.
    init() { parameters = .current }

    init(_ parameters: Parameters) { self.parameters = parameters }

    /// Hashes a password for keeping.
    ///
    /// - Throws: ``Failure`` of kind usage if it has fewer than 12 characters or more than 1,024 bytes.
    public func hash(_ password: String) throws -> String {
        guard password.count >= 12, password.utf8.count <= 1_024 else {
            throw Failure(.usage, "the password must have at least 12 characters and at most 1,024 bytes")
        }
        var random = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        let key = try Self.derive(password, salt: salt, parameters, length: 32)
        let settings = "ln=\(parameters.logRounds),r=\(parameters.blockSize),p=\(parameters.parallelism)"
        return "$scrypt$\(settings)$\(Self.base64(salt))$\(Self.base64(key))"
    }

    /// Whether `password` is the one that was hashed. With no hash it takes as long and says no, so that the time does not
    /// tell whether there is such a user.
    public func verify(_ password: String, against hash: String?) throws -> Bool {
        guard !password.isEmpty, password.utf8.count <= 1_024 else { return false }
        guard let hash, let known = Self.parse(hash) else {
            _ = try Self.derive(password, salt: Array(repeating: 0, count: 16), parameters, length: 32)
            return false
        }
        let key = try Self.derive(password, salt: known.salt, known.parameters, length: known.key.count)
        return ConstantTime.equals(key, known.key)
    }

    private static func derive(
        _ password: String, salt: [UInt8], _ parameters: Parameters, length: Int
    ) throws -> [UInt8] {
        // One form for what looks the same, however a keyboard composes it.
        let normal = Data(password.precomposedStringWithCompatibilityMapping.utf8)
        do {
            let key = try KDF.Scrypt.deriveKey(
                from: normal, salt: Data(salt), outputByteCount: length, rounds: 1 << parameters.logRounds,
                blockSize: parameters.blockSize, parallelism: parameters.parallelism)
            return key.withUnsafeBytes { Array($0) }
        } catch {
            throw Failure(.limit, "the password could not be hashed: \(error); is there memory left?")
        }
    }

    static func parse(_ text: String) -> (parameters: Parameters, salt: [UInt8], key: [UInt8])? {
        let fields = text.split(separator: "$", omittingEmptySubsequences: false)
        guard fields.count == 5, fields[0].isEmpty, fields[1] == "scrypt", let salt = bytes(fields[3]),
            let key = bytes(fields[4]), salt.count >= 8, (16...64).contains(key.count)
        else { return nil }
        var numbers: [Substring: Int] = [:]
        for pair in fields[2].split(separator: ",") {
            let parts = pair.split(separator: "=")
            guard parts.count == 2, let number = Int(parts[1]) else { return nil }
            numbers[parts[0]] = number
        }
        guard let log = numbers["ln"], (1...20).contains(log), let size = numbers["r"],
            (1...32).contains(size),
            let lanes = numbers["p"], (1...16).contains(lanes)
        else { return nil }
        return (Parameters(logRounds: log, blockSize: size, parallelism: lanes), salt, key)
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        String(Data(bytes).base64EncodedString().prefix { $0 != "=" })
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text + padding).map { Array($0) }
    }
}
