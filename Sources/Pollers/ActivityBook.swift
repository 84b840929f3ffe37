import ControlPlane

/// The counters of sources between two writings, so that an event costs no write.
actor ActivityBook {
    private let control: ControlDatabase
    private var pending: [Int64: SourceActivity] = [:]

    init(_ control: ControlDatabase) { self.control = control }

    func add(_ activity: SourceActivity, to source: Source) {
        pending[source.id, default: SourceActivity()].add(activity)
    }

    /// Writes the counters; what cannot be written is tried again the next time.
    func flush() async {
        let taken = pending
        pending = [:]
        do { try await control.record(taken) } catch {
            for (id, activity) in taken {
                var merged = activity
                if let later = pending[id] { merged.add(later) }
                pending[id] = merged
            }
        }
    }
}
