/*
 * See conditions.h.
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include "conditions.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_CPUS 1024       /* whose frequency is read */

static struct {
    int stat, pressure_cpu, pressure_io, pressure_memory, load, oom;
    int frequency[MAX_CPUS];
} files;

uint64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static int open_file(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC);
}

void conditions_open(void)
{
    cpu_set_t cpus;

    files.stat = open_file("/proc/stat");
    files.pressure_cpu = open_file("/proc/pressure/cpu");
    files.pressure_io = open_file("/proc/pressure/io");
    files.pressure_memory = open_file("/proc/pressure/memory");
    files.load = open_file("/proc/loadavg");
    files.oom = open_file("/sys/fs/cgroup/memory.events");
    if (files.oom < 0) {        /* cgroup v1 */
        files.oom = open_file("/sys/fs/cgroup/memory/memory.oom_control");
    }
    CPU_ZERO(&cpus);
    sched_getaffinity(0, sizeof(cpus), &cpus);
    for (int cpu = 0; cpu < MAX_CPUS; cpu++) {
        char path[80];

        snprintf(path, sizeof(path),
                 "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_cur_freq", cpu);
        files.frequency[cpu] = CPU_ISSET(cpu, &cpus) ? open_file(path) : -1;
    }
}

/* From the beginning of the file, which the kernel writes anew for that. */
static size_t read_text(int fd, char *text, size_t size)
{
    size_t len = 0;
    ssize_t n = 0;

    while (fd >= 0 && len < size - 1 &&
           (n = pread(fd, text + len, size - 1 - len, len)) > 0) {
        len += (size_t)n;
    }
    text[len] = '\0';
    return len;
}

void host_state_read(HostState *state, const cpu_set_t *cpus)
{
    size_t len = 0;

    read_text(files.stat, state->stat, sizeof(state->stat));
    read_text(files.pressure_cpu, state->pressure_cpu,
              sizeof(state->pressure_cpu));
    read_text(files.pressure_io, state->pressure_io,
              sizeof(state->pressure_io));
    read_text(files.pressure_memory, state->pressure_memory,
              sizeof(state->pressure_memory));
    read_text(files.load, state->load, sizeof(state->load));
    state->frequencies_khz[0] = '\0';
    for (int cpu = 0;
         cpu < MAX_CPUS && len < sizeof(state->frequencies_khz) - 32; cpu++) {
        if (CPU_ISSET(cpu, cpus)) {
            len += read_text(files.frequency[cpu], state->frequencies_khz + len,
                             32);
        }
    }
}

int64_t oom_kills(void)
{
    char text[512], *line;
    long long count = -1;

    read_text(files.oom, text, sizeof(text));
    line = strstr(text, "oom_kill ");       /* not oom_kill_disable */
    if (line != NULL) {
        sscanf(line, "oom_kill %lld", &count);
    }
    return count;
}

static void print_characters(const char *text, size_t len)
{
    for (; len > 0 && *text != '\0'; text++, len--) {
        if (*text == '\n') {
            fputs("\\n", stdout);
        } else if (*text >= ' ' && *text <= '~' && *text != '"' &&
                   *text != '\\') {
            putchar(*text);
        }
    }
}

static void print_text(const char *name, const char *text, const char *end)
{
    printf("\"%s\":\"", name);
    print_characters(text, SIZE_MAX);
    printf("\"%s", end);
}

static void print_stat(const char *text, const cpu_set_t *cpus)
{
    const char *line = text, *end;
    int cpu;

    fputs("\"stat\":\"", stdout);
    for (; strncmp(line, "cpu", 3) == 0 && (end = strchr(line, '\n')) != NULL;
         line = end + 1) {
        /* "cpu  1 2" is the sum of all; %d would skip the space. */
        if (line[3] != ' ' && sscanf(line, "cpu%d", &cpu) == 1 && cpu >= 0 &&
            cpu < CPU_SETSIZE && CPU_ISSET(cpu, cpus)) {
            print_characters(line, (size_t)(end + 1 - line));
        }
    }
    fputs("\",", stdout);
}

void host_state_print(const char *name, const HostState *state,
                      const cpu_set_t *cpus)
{
    printf("\"%s\":{", name);
    print_stat(state->stat, cpus);
    print_text("pressureCpu", state->pressure_cpu, ",");
    print_text("pressureIo", state->pressure_io, ",");
    print_text("pressureMemory", state->pressure_memory, ",");
    print_text("load", state->load, ",");
    print_text("frequenciesKhz", state->frequencies_khz, "}");
}

/*
 * On ourselves, disabled, inherited: a child's copy starts with its execve, and
 * what it counted comes to us when it is reaped. Opening it on the child would
 * need the right to trace it, which the child of a process that is not dumpable
 * refuses.
 */
void counter_open(Counter *counter)
{
    struct perf_event_attr attr = {
        .type = PERF_TYPE_HARDWARE,
        .size = sizeof(attr),
        .config = PERF_COUNT_HW_INSTRUCTIONS,
        .read_format =
            PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
        .disabled = 1,
        .inherit = 1,
        .enable_on_exec = 1,
        .exclude_kernel = 1,
        .exclude_hv = 1,
    };

    counter->fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1,
                               PERF_FLAG_FD_CLOEXEC);
    counter->skipped[0] = '\0';
    if (counter->fd < 0) {
        snprintf(counter->skipped, sizeof(counter->skipped),
                 "perf_event_open: %s", strerror(errno));
    }
}

bool counter_peek(const Counter *counter, uint64_t *instructions)
{
    uint64_t values[3] = { 0 };     /* count, time enabled, time running */

    if (counter->fd < 0 ||
        read(counter->fd, values, sizeof(values)) != sizeof(values)) {
        return false;
    }
    *instructions = values[0];
    return values[1] != 0 && values[2] == values[1];
}

bool counter_read(Counter *counter, uint64_t *instructions)
{
    uint64_t values[3] = { 0 };     /* count, time enabled, time running */
    ssize_t n;

    if (counter->fd < 0) {
        return false;
    }
    n = read(counter->fd, values, sizeof(values));
    close(counter->fd);
    counter->fd = -1;
    if (n != sizeof(values) || values[1] == 0) {
        snprintf(counter->skipped, sizeof(counter->skipped),
                 "the counter counted nothing");
    } else if (values[2] < values[1]) {
        snprintf(counter->skipped, sizeof(counter->skipped),
                 "the counter was shared");
    } else {
        *instructions = values[0];
        return true;
    }
    return false;
}
