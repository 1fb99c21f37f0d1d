/*
 * See leftovers.h.
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include "leftovers.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_FOLDERS 32
#define MAX_COUNTED 1000        /* a run may leave a million */

/*
 * Our own properties that another process of our user may change, and that the
 * next run inherits.
 */
typedef struct Self {
    struct rlimit limits[RLIM_NLIMITS];
    uint8_t scheduling[128];    /* struct sched_attr */
    cpu_set_t cpus;
    long io_priority;
} Self;

/* Sockets that outlive the process that had them. */
typedef struct Sockets {
    int inuse, time_wait;
} Sockets;

static struct {
    char folders[MAX_FOLDERS][256];     /* mounts that can be written */
    int folder_count;
    Self self;
    Sockets sockets;
    int memory_fd;                      /* its memory use; -1: unknown */
    uint64_t memory_limit;              /* UINT64_MAX: none */
} begin;

static void read_self(Self *self)
{
    memset(self, 0, sizeof(*self));
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        getrlimit(i, &self->limits[i]);
    }
    syscall(SYS_sched_getattr, 0, self->scheduling, sizeof(self->scheduling),
            0);
    sched_getaffinity(0, sizeof(self->cpus), &self->cpus);
    self->io_priority = syscall(SYS_ioprio_get, 1 /* IOPRIO_WHO_PROCESS */, 0);
}

/*
 * /proc/net/sockstat: "TCP: inuse 0 orphan 0 tw 0 alloc 1 mem 0". Zeros if
 * missing.
 */
static void read_sockets(Sockets *sockets)
{
    FILE *file = fopen("/proc/self/net/sockstat", "re");
    char line[256];

    memset(sockets, 0, sizeof(*sockets));
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        sscanf(line, "TCP: inuse %d orphan %*d tw %d", &sockets->inuse,
               &sockets->time_wait);
    }
    if (file != NULL) {
        fclose(file);
    }
}

/* The number in a file of the kernel; UINT64_MAX without one, as in "max". */
static uint64_t read_number(int fd)
{
    char text[32];
    ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof(text) - 1, 0);

    text[n < 0 ? 0 : n] = '\0';
    return text[0] >= '0' && text[0] <= '9' ? strtoull(text, NULL, 10)
                                            : UINT64_MAX;
}

static void begin_memory(void)
{
    /* cgroup v2 and v1 */
    static const char *const usage[] = {
        "/sys/fs/cgroup/memory.current",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes"
    };
    static const char *const limit[] = {
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes"
    };
    int version, fd;

    version = access(usage[0], R_OK) == 0 ? 0 : 1;
    begin.memory_fd = open(usage[version], O_RDONLY | O_CLOEXEC);
    fd = open(limit[version], O_RDONLY | O_CLOEXEC);
    begin.memory_limit = read_number(fd);
    close(fd);
}

/* Source: proc(5), /proc/pid/mountinfo. */
bool leftovers_begin(void)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char line[4096], path[256], options[256];
    bool root_writable = true;
    struct stat info;

    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (sscanf(line, "%*s %*s %*s %*s %255s %255s", path, options) != 2) {
            continue;
        }
        if (strcmp(path, "/") == 0) {
            root_writable = strncmp(options, "ro", 2) != 0;
        } else if (strncmp(options, "rw", 2) == 0 && stat(path, &info) == 0 &&
                   S_ISDIR(info.st_mode) && access(path, W_OK) == 0) {
            if (begin.folder_count == MAX_FOLDERS) {
                root_writable = true;
                break;
            }
            strcpy(begin.folders[begin.folder_count++], path);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    begin_memory();
    read_self(&begin.self);
    read_sockets(&begin.sockets);
    return !root_writable;
}

int end_all_processes(void)
{
    int status, count = 0;
    pid_t pid;

    /*
     * Reaches every process group, and children that are just being forked:
     * fork heeds the signal.
     */
    kill(-1, SIGKILL);
    while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
        count += pid > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    }
    return count;
}

static void add(char *text, size_t size, int count, const char *one,
                const char *many, const char *where)
{
    size_t len = strlen(text);

    if (count != 0) {
        snprintf(text + len, size - len, "%s%d %s%s", len == 0 ? "" : ", ",
                 count, count == 1 ? one : many, where);
    }
}

static void add_words(char *text, size_t size, const char *words,
                      const char *where)
{
    size_t len = strlen(text);

    snprintf(text + len, size - len, "%s%s%s", len == 0 ? "" : ", ", words,
             where);
}

static void find_files(const char *folder, char *text, size_t size)
{
    DIR *directory = opendir(folder);
    struct dirent *entry;
    char where[300];
    int count = 0;

    if (directory == NULL) {
        add_words(text, size, "no way into ", folder);
        return;
    }
    while (count < MAX_COUNTED && (entry = readdir(directory)) != NULL) {
        count +=
            strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(directory);
    snprintf(where, sizeof(where), " in %s", folder);
    add(text, size, count, "file", "files", where);
}

/* Lines behind the heading of /proc/sysvipc/KIND. */
static void find_ipc(const char *kind, const char *one, const char *many,
                     char *text, size_t size)
{
    char path[64], line[512];
    int count = -1;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/sysvipc/%s", kind);
    file = fopen(path, "re");
    while (file != NULL && count < MAX_COUNTED &&
           fgets(line, sizeof(line), file) != NULL) {
        count++;
    }
    if (file != NULL) {
        fclose(file);
    }
    add(text, size, count < 0 ? 0 : count, one, many, "");
}

static void find_changes(char *text, size_t size)
{
    uint64_t used = read_number(begin.memory_fd);
    Sockets sockets;
    Self self;

    /*
     * Its files' pages and the kernel's notes of them: the next run would wait
     * for their removal.
     */
    if (used != UINT64_MAX && used > begin.memory_limit / 2) {
        add_words(text, size, "more than half of the memory", "");
    }
    read_self(&self);
    if (memcmp(self.limits, begin.self.limits, sizeof(self.limits)) != 0) {
        add_words(text, size, "changed limits of the runner", "");
    }
    if (memcmp(self.scheduling, begin.self.scheduling,
               sizeof(self.scheduling)) != 0) {
        add_words(text, size, "changed scheduling of the runner", "");
    }
    if (memcmp(&self.cpus, &begin.self.cpus, sizeof(self.cpus)) != 0) {
        add_words(text, size, "changed CPUs of the runner", "");
    }
    if (self.io_priority != begin.self.io_priority) {
        add_words(text, size, "changed I/O priority of the runner", "");
    }
    read_sockets(&sockets);
    if (sockets.inuse != begin.sockets.inuse ||
        sockets.time_wait != begin.sockets.time_wait) {
        add_words(text, size, "TCP connections", "");
    }
}

void leftovers_find(int processes, char *text, size_t size)
{
    text[0] = '\0';
    add(text, size, processes, "process", "processes", "");
    for (int i = 0; i < begin.folder_count; i++) {
        find_files(begin.folders[i], text, size);
    }
    find_ipc("shm", "shared memory segment", "shared memory segments", text,
             size);
    find_ipc("sem", "semaphore set", "semaphore sets", text, size);
    find_ipc("msg", "message queue", "message queues", text, size);
    find_changes(text, size);
    for (char *c = text; *c != '\0'; c++) {
        *c = *c < ' ' || *c > '~' || *c == '"' || *c == '\\' ? '?' : *c;
    }
}
