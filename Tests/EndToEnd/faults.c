/* Faults on demand for the process into which this is preloaded (LD_PRELOAD).
 *
 * The file named by SESAME_TEST_FAULTS is mapped; a test writes there what is to go wrong, and the next call does. Its layout, in
 * the machine's byte order, is `struct faults`; faults.py writes it. Files are told by a part of their path. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct faults {
    int64_t clock_shift;  /* seconds by which the wall clock is wrong */
    int32_t sync_errno;   /* what a sync fails with; 0: none does */
    int32_t syncs_failed; /* counts those */
    int32_t write_errno;  /* what a write fails with; 0: none does */
    int32_t writes_failed;
    int32_t sync_delay; /* milliseconds that a sync takes longer */
    int32_t syncs_delayed;
    char failing[64]; /* part of the paths that fail */
    char slow[64];    /* part of the paths that are slow */
};

static volatile struct faults *faults;

__attribute__((constructor)) static void map_faults(void) {
    const char *path = getenv("SESAME_TEST_FAULTS");
    int descriptor = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (descriptor < 0) return;
    void *map = mmap(NULL, sizeof(struct faults), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (map != MAP_FAILED) faults = map;
    close(descriptor);
}

static int concerns(int descriptor, const volatile char *part) {
    char link[32], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0 || !part[0]) return 0;
    path[length] = 0;
    return strstr(path, (const char *)part) != NULL;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int sync_fails(int descriptor) {
    if (!faults) return 0;
    if (faults->sync_delay && concerns(descriptor, faults->slow)) {
        __sync_fetch_and_add(&faults->syncs_delayed, 1);
        struct timespec time = {faults->sync_delay / 1000, faults->sync_delay % 1000 * 1000000L};
        nanosleep(&time, NULL);
    }
    if (!faults->sync_errno || !concerns(descriptor, faults->failing)) return 0;
    __sync_fetch_and_add(&faults->syncs_failed, 1);
    errno = faults->sync_errno;
    return 1;
}

int fsync(int descriptor) { return sync_fails(descriptor) ? -1 : REAL(fsync)(descriptor); }
int fdatasync(int descriptor) { return sync_fails(descriptor) ? -1 : REAL(fdatasync)(descriptor); }

static int write_fails(int descriptor) {
    if (!faults || !faults->write_errno || !concerns(descriptor, faults->failing)) return 0;
    __sync_fetch_and_add(&faults->writes_failed, 1);
    errno = faults->write_errno;
    return 1;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    return write_fails(descriptor) ? -1 : REAL(write)(descriptor, bytes, count);
}
ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t position) {
    return write_fails(descriptor) ? -1 : REAL(pwrite)(descriptor, bytes, count, position);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t position) {
    return write_fails(descriptor) ? -1 : REAL(pwrite64)(descriptor, bytes, count, position);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = REAL(clock_gettime)(clock, time);
    if (faults && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += faults->clock_shift;
    return result;
}
int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    int result = REAL(gettimeofday)(time, zone);
    if (faults) time->tv_sec += faults->clock_shift;
    return result;
}
time_t time(time_t *result) {
    time_t now = REAL(time)(NULL) + (faults ? faults->clock_shift : 0);
    if (result) *result = now;
    return now;
}
