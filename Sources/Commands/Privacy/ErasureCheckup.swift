import Lake
import Primitives

/// What the journal of erasures tells.
struct ErasureCheckup {
    let journal: ErasureJournal

    var findings: [Finding] {
        get throws(Failure) {
            let all = try journal.all()
            if all.isEmpty { return [] }
            let unfinished = all.filter { !$0.isFinished }
            guard let first = unfinished.first else {
                return [Finding(.ok, "erasures", "\(all.count), all finished")]
            }
            return [
                Finding(
                    .fail, "erasures",
                    "\(unfinished.count) unfinished, the first asked for at \(first.requestedAt); a person is still in the lake",
                    advice: "sesame erase --resume, or start the server, which finishes it")
            ]
        }
    }
}
