import CLandlock
import Foundation
import Primitives

/// What the system allows the process of a worker, whatever DuckDB in it is brought to do.
public enum ProcessWalls {
    /// The version of the kernel's Landlock, which keeps workers to the lake's files; nil where there is none.
    public static var landlockVersion: Int? {
        let version = Int(landlock_version())
        return version > 0 ? version : nil
    }

    /// Libraries may be loaded late, time zones are files, DuckDB asks which group bounds its memory, and Dispatch reads the
    /// states of its threads, which lie directly below /proc. (Landlock keeps what is private of other processes, such as
    /// their environments, closed there.)
    private static let system = [
        "/lib", "/lib64", "/usr/lib", "/usr/share/zoneinfo", "/proc", "/sys/fs/cgroup",
    ]

    /// Puts the walls up, for good. They hold for the calling thread and those that it starts from now on, so nothing else
    /// may run yet.
    ///
    /// - Throws: ``Failure`` of kind storage where the kernel has the means and did not let them be used.
    static func raise(_ setup: WorkerSetup) throws(Failure) {
        // Files that the parent had open and did not mark as its own.
        for descriptor in STDERR_FILENO + 1..<1_024 { close(descriptor) }
        // What a crash leaves would hold rows.
        limit(RLIMIT_CORE, to: 0)
        // Code, stacks and reserved memory take address space beside what a query uses: about this much.
        limit(RLIMIT_AS, to: setup.memoryBytes + 1 << 30 + setup.threads << 26)
        guard landlockVersion != nil else { return }
        let error = withPaths(setup.readableFolders + system) { readable in
            withPaths([setup.writableFolder].compactMap(\.self)) { landlock_restrict(readable, $0) }
        }
        guard error == 0 else {
            throw Failure(
                .storage,
                "the worker's access to files cannot be bounded: \(String(cString: strerror(error)))")
        }
    }

    /// Allows `seconds` of processor time more, on all cores together: the deadline once more, should the parent be stopped.
    static func allowProcessorTime(_ seconds: Double, threads: Int) {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        let used = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        // A year is no deadline, and no number overflows.
        let more = Int(min(seconds, 3e7)) * max(threads, 4) + 5
        var bounds = rlimit(rlim_cur: rlim_t(used + more), rlim_max: rlim_t(bitPattern: -1))
        setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &bounds)
    }

    /// The most memory that the process has held at once, in bytes.
    ///
    /// Not `getrusage`'s: what that says begins, in a child, with the size that its parent had.
    static var peakMemory: Int {
        let lines = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8))?.split(
            separator: "\n")
        guard let line = lines?.first(where: { $0.hasPrefix("VmHWM:") }) else { return 0 }
        return (Int(line.filter(\.isNumber)) ?? 0) << 10
    }

    private static func limit(_ resource: __rlimit_resource, to bytes: Int) {
        var bounds = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t(bytes))
        setrlimit(__rlimit_resource_t(resource.rawValue), &bounds)
    }

    private static func withPaths<R>(
        _ paths: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R
    ) -> R {
        let copies = paths.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return (copies.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { body($0.baseAddress!) }
    }
}
