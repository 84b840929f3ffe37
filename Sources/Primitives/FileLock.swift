#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Takes the kernel's lock on a file, which ends with the process whatever becomes of it.
public enum FileLock {
    /// Takes the lock of an open file for this process alone; false if another process has it.
    ///
    /// A lock that was let go of may be held for a moment longer: a child that another thread is starting has copies of
    /// all descriptors until it runs its program. So a lock that is taken is tried again, for half a second at most.
    public static func take(_ descriptor: Int32) -> Bool {
        for attempt in 0..<25 {
            if attempt > 0 { usleep(20_000) }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        }
        return false
    }
}
