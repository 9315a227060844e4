/* Bends what the kernel and the C library tell the program, as files in $CCWATCH_SHIM say:
 *   disk    the error number of each write to a database
 *   clock   seconds that are added to the wall clock
 *   watches "full": no directory is watched any more
 *   names   "fail" or "hang": what a name lookup does; "both": localhost has IPv6 first
 * Loaded by LD_PRELOAD; see shim.rs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define REAL(type, name) ((type)dlsym(RTLD_NEXT, name))

static int disk = -1, wall = -1, names = -1, watches = -1;

static int opened(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv("CCWATCH_SHIM"), name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* Before the program shuts itself in. */
__attribute__((constructor)) static void begin(void) {
    disk = opened("disk");
    wall = opened("clock");
    names = opened("names");
    watches = opened("watches");
}

/* What the file says now, without the blanks at its end. */
static void said(int file, char text[32]) {
    int kept = errno;
    ssize_t length = pread(file, text, 31, 0);
    if (length < 0) length = 0;
    while (length > 0 && text[length - 1] == ' ') length--;
    text[length] = 0;
    errno = kept;
}

/* The error that a write to this file meets; 0 for none. */
static int refused(int fd) {
    char link[64], path[4096], text[32];
    int kept = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = kept;
    if (length <= 0) return 0;
    path[length] = 0;
    if (!strstr(path, "ccwatch.db")) return 0;
    said(disk, text);
    return atoi(text);
}

#define FAIL_IF_REFUSED(fd) \
    do { int error = refused(fd); if (error) { errno = error; return -1; } } while (0)

ssize_t write(int fd, const void *bytes, size_t count) {
    FAIL_IF_REFUSED(fd);
    return REAL(ssize_t (*)(int, const void *, size_t), "write")(fd, bytes, count);
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    FAIL_IF_REFUSED(fd);
    return REAL(ssize_t (*)(int, const void *, size_t, off_t), "pwrite")(fd, bytes, count, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    FAIL_IF_REFUSED(fd);
    return REAL(ssize_t (*)(int, const void *, size_t, off64_t), "pwrite64")(fd, bytes, count, at);
}
int fsync(int fd) {
    FAIL_IF_REFUSED(fd);
    return REAL(int (*)(int), "fsync")(fd);
}
int fdatasync(int fd) {
    FAIL_IF_REFUSED(fd);
    return REAL(int (*)(int), "fdatasync")(fd);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int done = REAL(int (*)(clockid_t, struct timespec *), "clock_gettime")(clock, time);
    if (clock == CLOCK_REALTIME) {
        char text[32];
        said(wall, text);
        time->tv_sec += atoll(text);
    }
    return done;
}

int inotify_add_watch(int fd, const char *path, uint32_t mask) {
    char text[32];
    said(watches, text);
    if (!strcmp(text, "full")) { errno = ENOSPC; return -1; }
    return REAL(int (*)(int, const char *, uint32_t), "inotify_add_watch")(fd, path, mask);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
    char text[32];
    said(names, text);
    if (!strcmp(text, "fail")) return EAI_AGAIN;
    while (!strcmp(text, "hang")) {
        usleep(50000);
        said(names, text);
    }
    int (*lookup)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        dlsym(RTLD_NEXT, "getaddrinfo");
    if (!strcmp(text, "both") && node && !strcmp(node, "localhost")) {
        struct addrinfo *first;
        int failed = lookup("::1", service, hints, &first);
        if (failed) return failed;
        *found = first;
        while (first->ai_next) first = first->ai_next;
        return lookup("127.0.0.1", service, hints, &first->ai_next);
    }
    return lookup(node, service, hints, found);
}
