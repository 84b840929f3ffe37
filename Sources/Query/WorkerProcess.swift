import Foundation
import Primitives
import Synchronization

/// A child process with a socket to it.
final class WorkerProcess: Sendable {
    /// This side of the socket.
    let socket: Int32
    private let process: Mutex<pid_t>

    /// Starts `executable` as a worker.
    init(executable: String) throws(Failure) {
        var ends: [Int32] = [-1, -1]
        // Neither end is for other children: a worker has lost its parent once all copies of the parent's end are closed.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Failure(
                .limit, "a query worker cannot be started: \(String(cString: strerror(errno)))")
        }
        socket = ends[0]
        var child: pid_t = 0
        let error = Self.spawn(executable, socket: ends[1], &child)
        close(ends[1])
        process = Mutex(error == 0 ? child : 0)
        guard error == 0 else {
            throw Failure(
                .limit,
                "\(executable) cannot be started as a query worker: \(String(cString: strerror(error)))")
        }
    }

    /// The system's number for it; 0 once it has ended and been waited for.
    var identifier: pid_t { process.withLock { $0 } }

    deinit {
        kill()
        _ = wait()
        close(socket)
    }

    /// Ends the process now, and never one that got its number later.
    func kill() {
        process.withLock { if $0 > 0 { _ = Foundation.kill($0, SIGKILL) } }
    }

    /// Waits for the end of the process; the status as `waitpid` gives it, the first time.
    func wait() -> Int32? {
        let child = process.withLock { $0 }
        guard child > 0 else { return nil }
        // The number stays taken until the second call, under the lock.
        var information = siginfo_t()
        while waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        return process.withLock { child in
            guard child > 0 else { return nil }
            var status: Int32 = 0
            let found = waitpid(child, &status, 0)
            defer { child = 0 }
            return found == child ? status : nil
        }
    }

    private static func spawn(_ executable: String, socket: Int32, _ child: inout pid_t) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO)
        for output in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0)
        }
        // A group of its own: a terminal's Ctrl-C is for the parent to judge.
        posix_spawnattr_setpgroup(&attributes, 0)
        var defaults = sigset_t()
        sigfillset(&defaults)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let arguments = ([executable, QueryWorker.argument] as [String]).map { strdup($0) }
        let variables = environment.map { strdup($0) }
        defer { (arguments + variables).forEach { free($0) } }
        return posix_spawn(
            &child, executable, &actions, &attributes, arguments + [nil], variables + [nil])
    }

    /// Of the parent's environment, which may hold secrets, only what finds libraries.
    private static var environment: [String] {
        let inherited = ["PATH", "LD_LIBRARY_PATH"].compactMap { name in
            ProcessInfo.processInfo.environment[name].map { "\(name)=\($0)" }
        }
        // A crash is reported by how the process ended; to look for its place takes seconds.
        return inherited + ["SWIFT_BACKTRACE=enable=no"]
    }
}
