import Foundation
import Primitives

/// `<home>/sesame.conf`: a setting a line.
///
///     # comments and blank lines are skipped
///     host = 0.0.0.0
///     trusted-proxies = 10.0.0.0/8, 192.0.2.7
///
/// UTF-8. Spaces around the key and the value do not count; a value ends with its line, and has no quotes and no escapes.
/// A `#` begins a comment only at the start of a line. A key that is unknown or comes twice is an error.
struct ConfigurationFile: Equatable {
    var settings: [ServerSetting: ChosenSetting] = [:]

    /// A file without a setting.
    init() {}

    /// Reads a file; one that is not there holds nothing.
    ///
    /// - Throws: ``Failure`` of kind usage that names file and line; storage where it cannot be read.
    init(path: String) throws(Failure) {
        guard FileManager.default.fileExists(atPath: path) else {
            self.init()
            return
        }
        guard let data = try? Data(contentsOf: URL(filePath: path)),
            let text = String(validating: data, as: UTF8.self)
        else { throw Failure(.storage, "cannot read \(path) as UTF-8 text") }
        try self.init(text: text, path: path)
    }

    /// Reads the text of a file.
    init(text: String, path: String) throws(Failure) {
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            let place = "\(path):\(index + 1)"
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw Failure(.usage, "\(place): a line must be a setting, as in: port = 8025")
            }
            let key = parts[0].trimmingCharacters(in: .whitespaces)
            guard let setting = ServerSetting(rawValue: key) else {
                throw Failure(
                    .usage,
                    "\(place): there is no setting '\(key)'; `sesame config` shows those there are")
            }
            guard settings[setting] == nil else {
                throw Failure(.usage, "\(place): '\(key)' is set twice; remove one of the lines")
            }
            settings[setting] = ChosenSetting(
                parts[1].trimmingCharacters(in: .whitespaces), .file(path, line: index + 1))
        }
    }
}
