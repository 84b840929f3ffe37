import ControlPlane
import Primitives

/// The sources that receivers answer for, and their counters.
protocol SourceDirectory: Sendable {
    /// The sources as they were at most `age` ago.
    ///
    /// - Throws: ``Failure`` if they cannot be read.
    func sources(atMost age: Duration) async throws -> SourceList
    /// Forgets what was read, after a change that the next request must see.
    func invalidate() async
    /// Adds to the counters of a source.
    func record(_ activity: SourceActivity, of source: Source) async
}

extension SourceDirectory {
    /// What `pick` finds among the sources; what is not there is looked for once more in a list that is nearly new, so that
    /// a source serves as soon as it was added.
    func find<Found: Sendable>(_ pick: (SourceList) -> Found?) async throws -> Found? {
        if let found = pick(try await sources(atMost: SourceList.lifetime)) { return found }
        return pick(try await sources(atMost: SourceList.lifetimeOfAbsence))
    }
}

/// The sources at one moment.
struct SourceList: Sendable {
    /// How long a list is good; a source that was paused, removed or given another secret is known after that.
    static let lifetime = Duration.seconds(2)
    /// How long a list is good for saying that something is not there: strangers cause no more than four reads a second.
    static let lifetimeOfAbsence = Duration.milliseconds(250)

    /// A source whose programs sign, with what is needed to serve them.
    struct Signer: Sendable {
        var source: Source
        /// Its secrets, the newest first; or why they cannot be read.
        var secrets: Result<[String], Failure>
        /// The streams of its workspace.
        var streams: Set<String>

        /// Whether records may be put into a stream: one that was made, or that of the source's own name.
        func hasStream(_ name: String) -> Bool { name == source.name || streams.contains(name) }
    }

    private let byName: [String: Source]
    private let signers: [String: Signer]

    init(_ sources: [Source], signers: [Signer]) {
        byName = Dictionary(sources.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var byKey: [String: Signer] = [:]
        for signer in signers {
            if case .firehoseAPI(let settings) = signer.source.settings {
                byKey[settings.accessKeyID] = signer
            }
        }
        self.signers = byKey
    }

    /// The source of that name, if it is of that kind.
    func source(_ kind: SourceKind, _ name: String) -> Source? {
        byName[name].flatMap { $0.kind == kind ? $0 : nil }
    }

    /// The source whose programs sign with that key.
    func signer(_ accessKeyID: String) -> Signer? { signers[accessKeyID] }
}
