/* Bends what the kernel and the C library tell the program, as files in $CCWATCH_SHIM say:
 *   disk    the error number of each write to a database
 *   clock   seconds that are added to the wall clock
 *   names   "fail" or "hang": what a name lookup does
 * Loaded by LD_PRELOAD; see shim.rs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define REAL(type, name) ((type)dlsym(RTLD_NEXT, name))

/* What the file says; an empty text where there is none. */
static void said(const char *name, char *text, size_t size) {
    char path[4096];
    int kept = errno;
    snprintf(path, sizeof path, "%s/%s", getenv("CCWATCH_SHIM"), name);
    FILE *file = fopen(path, "re");
    text[0] = 0;
    if (file) {
        if (!fgets(text, (int)size, file)) text[0] = 0;
        fclose(file);
    }
    errno = kept;
}

/* The error that a write to this file meets; 0 for none. */
static int refused(int fd) {
    char link[64], path[4096], text[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    if (!strstr(path, "ccwatch.db")) return 0;
    said("disk", text, sizeof text);
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
        said("clock", text, sizeof text);
        time->tv_sec += atoll(text);
    }
    return done;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
    char text[32];
    said("names", text, sizeof text);
    if (!strcmp(text, "fail")) return EAI_AGAIN;
    while (!strcmp(text, "hang")) {
        usleep(50000);
        said("names", text, sizeof text);
    }
    return REAL(int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **),
                "getaddrinfo")(node, service, hints, found);
}
