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
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CANARY_STEPS 1000000u

uint64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Every step needs the one before (xorshift64*), so this is the CPU's clock and nothing else. */
uint64_t canary_ns(void)
{
    uint64_t x = UINT64_C(0x9e3779b97f4a7c15), start = now_ns();

    for (uint32_t i = 0; i < CANARY_STEPS; i++) {
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        x *= UINT64_C(0x2545f4914f6cdd1d);
    }
    __asm__ volatile("" : : "r"(x));     /* the result is wanted */
    return now_ns() - start;
}

static size_t read_text(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t len = 0;
    ssize_t n = 0;

    while (fd >= 0 && len < size - 1 && (n = read(fd, text + len, size - 1 - len)) > 0) {
        len += (size_t)n;
    }
    if (fd >= 0) {
        close(fd);
    }
    text[len] = '\0';
    return len;
}

void host_state_read(HostState *state)
{
    size_t len = 0;
    cpu_set_t cpus;
    char *end;

    read_text("/proc/stat", state->stat, sizeof(state->stat));
    end = strstr(state->stat, "\nintr ");
    if (end != NULL) {
        end[1] = '\0';
    }
    read_text("/proc/pressure/cpu", state->pressure_cpu, sizeof(state->pressure_cpu));
    read_text("/proc/pressure/io", state->pressure_io, sizeof(state->pressure_io));
    read_text("/proc/pressure/memory", state->pressure_memory, sizeof(state->pressure_memory));
    read_text("/proc/loadavg", state->load, sizeof(state->load));
    state->frequencies_khz[0] = '\0';
    CPU_ZERO(&cpus);
    sched_getaffinity(0, sizeof(cpus), &cpus);
    for (int cpu = 0; cpu < CPU_SETSIZE && len < sizeof(state->frequencies_khz) - 32; cpu++) {
        char path[80];

        if (CPU_ISSET(cpu, &cpus)) {
            snprintf(path, sizeof(path),
                     "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_cur_freq", cpu);
            len += read_text(path, state->frequencies_khz + len, 32);
        }
    }
}

static void print_text(const char *name, const char *text, const char *end)
{
    printf("\"%s\":\"", name);
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            fputs("\\n", stdout);
        } else if (*text >= ' ' && *text <= '~' && *text != '"' && *text != '\\') {
            putchar(*text);
        }
    }
    printf("\"%s", end);
}

void host_state_print(const char *name, const HostState *state)
{
    printf("\"%s\":{", name);
    print_text("stat", state->stat, ",");
    print_text("pressureCpu", state->pressure_cpu, ",");
    print_text("pressureIo", state->pressure_io, ",");
    print_text("pressureMemory", state->pressure_memory, ",");
    print_text("load", state->load, ",");
    print_text("frequenciesKhz", state->frequencies_khz, "}");
}

/*
 * On ourselves, disabled, inherited: a child's copy starts with its execve, and what it counted
 * comes to us when it is reaped. Opening it on the child would need the right to trace it, which
 * the child of a process that is not dumpable refuses.
 */
void counter_open(Counter *counter)
{
    struct perf_event_attr attr = {
        .type = PERF_TYPE_HARDWARE,
        .size = sizeof(attr),
        .config = PERF_COUNT_HW_INSTRUCTIONS,
        .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
        .disabled = 1,
        .inherit = 1,
        .enable_on_exec = 1,
        .exclude_kernel = 1,
        .exclude_hv = 1,
    };

    counter->fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    counter->skipped[0] = '\0';
    if (counter->fd < 0) {
        snprintf(counter->skipped, sizeof(counter->skipped), "perf_event_open: %s", strerror(errno));
    }
}

bool counter_read(Counter *counter, uint64_t *instructions)
{
    uint64_t values[3];     /* count, time enabled, time running */

    if (counter->fd < 0) {
        return false;
    }
    if (read(counter->fd, values, sizeof(values)) != sizeof(values) || values[1] == 0) {
        snprintf(counter->skipped, sizeof(counter->skipped), "the counter counted nothing");
    } else if (values[2] < values[1]) {
        snprintf(counter->skipped, sizeof(counter->skipped), "the counter was shared");
    } else {
        *instructions = values[0];
        return true;
    }
    return false;
}
