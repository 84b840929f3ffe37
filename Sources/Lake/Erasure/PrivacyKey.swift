import Foundation
import Primitives
import Scanning

extension HomeDirectory {
    /// The secret under which addresses are hashed: `<home>/secrets/privacy.key`, 32 hexadecimal digits, mode 0600.
    ///
    /// Without it nobody can tell which addresses were erased, Sesame included: then a late event of theirs would come in
    /// as it is.
    var privacyKey: URL { url.appending(path: "secrets/privacy.key") }

    /// The keyed hash of this home, if it has its key.
    ///
    /// - Throws: ``Failure`` of kind storage where the file is not what it should be.
    func addressHash() throws(Failure) -> SipHash? {
        guard let bytes = try TableDisk.read(privacyKey.path) else { return nil }
        let digits = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        let pairs = stride(from: 0, to: digits.count - 1, by: 2).map { place in
            UInt8(digits.dropFirst(place).prefix(2), radix: 16)
        }
        guard digits.count == 32, let hash = SipHash(key: pairs.compactMap { $0 }) else {
            throw Failure(.storage, "\(privacyKey.path) is no key; restore it from the backup")
        }
        return hash
    }

    /// The keyed hash of this home; its key is made where there is none.
    func makeAddressHash() throws(Failure) -> SipHash {
        if let hash = try addressHash() { return hash }
        let digits = (0..<16).map { _ in UInt8.random(in: .min ... .max) }.map {
            ($0 < 16 ? "0" : "") + String($0, radix: 16)
        }.joined()
        let folder = privacyKey.deletingLastPathComponent().path
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw TableDisk.failure("make", folder) }
        // Of two that make it at once one wins, and both then read the winner's.
        let temporary = privacyKey.path + ".\(UUID().uuidString)"
        try TableDisk.write(Array(digits.utf8), toNew: temporary)
        defer { unlink(temporary) }
        guard chmod(temporary, 0o600) == 0, link(temporary, privacyKey.path) == 0 || errno == EEXIST else {
            throw TableDisk.failure("make", privacyKey.path)
        }
        try TableDisk.sync(folder)
        guard let hash = try addressHash() else { throw TableDisk.failure("read", privacyKey.path) }
        return hash
    }
}
