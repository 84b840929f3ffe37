/// The events that were committed last, in memory: a sender that repeats itself does so within minutes, and is then told
/// from new events without a look at any file.
///
/// It also knows files all of whose events it holds, which need not be read either. Bounded by the number of events;
/// past it the oldest commits are forgotten, and found in their files again.
struct RecentEvents {
    /// The most events that are remembered; 0 for none.
    let capacity: Int
    private var commits: [(ids: [UInt128], paths: [String])] = []
    private var ids: Set<UInt128> = []
    private var paths: Set<String> = []
    private var oldest = 0

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { ids.count }

    func contains(_ id: UInt128) -> Bool { ids.contains(id) }

    /// Whether every event in the file is remembered.
    func covers(_ path: String) -> Bool { paths.contains(path) }

    /// Remembers a commit: its events, none of which was remembered before, and the files that hold them.
    mutating func add(_ added: [UInt128], in files: [String]) {
        guard capacity > 0, !added.isEmpty else { return }
        commits.append((added, files))
        ids.formUnion(added)
        paths.formUnion(files)
        while ids.count > capacity { forgetOldest() }
    }

    private mutating func forgetOldest() {
        let commit = commits[oldest]
        commits[oldest] = ([], [])
        ids.subtract(commit.ids)
        paths.subtract(commit.paths)
        oldest += 1
        // Seldom, so that forgetting a commit costs what it held and not what is left.
        if oldest > 64, oldest * 2 > commits.count {
            commits.removeFirst(oldest)
            oldest = 0
        }
    }
}
