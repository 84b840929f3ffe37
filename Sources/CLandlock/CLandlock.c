#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CLandlock.h"

#include <errno.h>

#ifdef __linux__
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The same numbers on every architecture.
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446, GET_VERSION = 1, RULE_PATH_BENEATH = 1 };

// Rights over files, by the version that brought them.
enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_DIR = 1 << 3,
    VERSION_1 = (1 << 13) - 1,  // also removing and making of every kind of file
    REFER = 1 << 13,            // version 2
    TRUNCATE = 1 << 14,         // version 3
    IOCTL_DEVICE = 1 << 15,     // version 5
    ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEVICE,
};

struct ruleset {
    uint64_t files;
    uint64_t network;  // version 4: 1 binding, 2 connecting TCP sockets
    uint64_t scoped;   // version 6: 1 abstract Unix sockets, 2 signals
};

struct __attribute__((packed)) path_beneath {
    uint64_t allowed;
    int32_t parent;
};

int landlock_version(void) {
    long version = syscall(CREATE_RULESET, (void *)0, (size_t)0, GET_VERSION);
    return version < 0 ? 0 : (int)version;
}

static int allow(int ruleset, const char *const *paths, uint64_t rights) {
    for (; *paths; paths++) {
        int folder = open(*paths, O_PATH | O_CLOEXEC);
        if (folder < 0) continue;
        struct stat status;
        if (fstat(folder, &status) == 0) {
            struct path_beneath rule = {S_ISDIR(status.st_mode) ? rights : rights & ON_FILES, folder};
            if (syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0) != 0) {
                int error = errno;
                close(folder);
                return error;
            }
        }
        close(folder);
    }
    return 0;
}

int landlock_restrict(const char *const *readable, const char *const *writable) {
    int version = landlock_version();
    if (version == 0) return ENOSYS;
    struct ruleset rules = {VERSION_1, version >= 4 ? 3 : 0, version >= 6 ? 3 : 0};
    if (version >= 2) rules.files |= REFER;
    if (version >= 3) rules.files |= TRUNCATE;
    if (version >= 5) rules.files |= IOCTL_DEVICE;
    // A kernel refuses a longer structure than it knows, unless the rest is zero.
    long ruleset = syscall(CREATE_RULESET, &rules, sizeof rules, 0);
    if (ruleset < 0) return errno;
    int error = allow((int)ruleset, readable, READ_FILE | READ_DIR);
    // Device files keep their ioctls to themselves, and nothing is executed.
    if (!error) error = allow((int)ruleset, writable, rules.files & ~(uint64_t)(EXECUTE | IOCTL_DEVICE));
    if (!error && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) error = errno;
    if (!error && syscall(RESTRICT_SELF, (int)ruleset, 0) != 0) error = errno;
    close((int)ruleset);
    return error;
}
#else
int landlock_version(void) { return 0; }
int landlock_restrict(const char *const *readable, const char *const *writable) { return ENOSYS; }
#endif
