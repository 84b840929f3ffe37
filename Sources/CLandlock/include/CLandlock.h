// Landlock: a process gives up its own access to files, the network and other processes, for good.
//
// Swift cannot call syscall(2) and prctl(2), which are variadic, so these are functions. Numbers and flags are those of
// the kernel's <linux/landlock.h>, stated in the .c file because headers older than the kernel lack some.
#pragma once

/// The version of Landlock's interface that the kernel offers; 0 where it has none (before 5.13, switched off, no Linux).
int landlock_version(void);

/// Leaves the calling thread, and every thread it starts from now on, only what is named: reading below `readable`, reading
/// and writing below `writable`; no TCP and no signals to others where the kernel can forbid them.
///
/// Both lists end with a null pointer; paths that are not there are skipped. Returns 0, or the `errno` of what failed.
int landlock_restrict(const char *const *readable, const char *const *writable);
