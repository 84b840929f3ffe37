import Foundation
import GRDB
import Primitives

/// The name and the type of a setting.
public struct SettingKey<Value: Codable & Sendable>: Sendable {
    /// The name under which it is kept.
    public let name: String
    /// What holds until it is set.
    public let initial: Value

    /// A key; declare each as a static member here.
    public init(_ name: String, initial: Value) {
        self.name = name
        self.initial = initial
    }
}

extension SettingKey where Value == String? {
    /// The address under which the world reaches this Sesame, such as `https://sesame.example.com`.
    public static var publicURL: SettingKey { .init("public_url", initial: nil) }
}

extension ControlDatabase {
    /// A setting's value.
    public func setting<Value>(_ key: SettingKey<Value>) async throws -> Value {
        let text = try await read { db in
            try String.fetchOne(db, sql: "SELECT value FROM settings WHERE key = ?", arguments: [key.name])
        }
        guard let text else { return key.initial }
        do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch {
            throw Failure(.storage, "the setting '\(key.name)' in \(url.path) cannot be read; set it again")
        }
    }

    /// Sets a setting. The audit log gets its name, not its value.
    public func set<Value>(
        _ key: SettingKey<Value>, to value: Value, by actor: AuditActor, at now: Timestamp = .now
    ) async throws {
        let text = String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO settings (key, value, updated_at) VALUES (?, ?, ?)
                    ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
                    """,
                arguments: [key.name, text, now.microseconds])
            try AuditEntry.append(to: db, by: actor, "setting.set", on: "setting:\(key.name)", at: now)
        }
    }
}
