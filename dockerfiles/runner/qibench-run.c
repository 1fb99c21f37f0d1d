/*
 * qibench-run: runs one program and measures it.
 *
 *   qibench-run --timeout-ms N --output-limit BYTES [--chdir DIR] -- program args...
 *
 * stdout gets one line of JSON (services/contract/sample.ts, RunResult); the exit status is 0
 * whenever it was written. stderr gets what the program printed, after it has ended, so that
 * forwarding costs it nothing: the first and the last half of BYTES, as totals come last.
 *
 * The measured window opens when the waiting child is let go to execute the program and
 * closes when the child has been reaped: waking it, execve and the end of the process are
 * inside, creating it is not. Usage is wait4's: the program and descendants it waited for.
 * What else was true meanwhile (conditions.h) is read right before and right after.
 *
 * The program is hostile and has the runner's user id:
 *  - The runner is not dumpable, so its /proc/PID/{fd,mem} and ptrace are refused, and the
 *    program inherits no descriptor but 0, 1 and 2: it cannot write to the runner's stdout.
 *  - docker-init has the same stdout, the same user, and is dumpable. So start the container
 *    without --init: the runner is fit to be process 1, and refuses where process 1 would
 *    give its stdout away.
 *  - As process 1 it cannot be killed or stopped by the program, and ends all that is left in
 *    the container, whatever group it moved to, before it prints the result.
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "conditions.h"

#define NS_PER_MS   UINT64_C(1000000)
#define GRACE_NS    (2000 * NS_PER_MS)              /* from SIGTERM to SIGKILL */
#define MAX_TIMEOUT (UINT64_C(24) * 3600 * 1000)     /* fits poll's int */
#define MAX_OUTPUT  (UINT64_C(1) << 30)
#define PIPE_BYTES  (1 << 20)       /* the most that needs no privilege */

/* The program's output: a head of half bytes, then a ring of half that holds the newest. */
typedef struct Output {
    char *head, *ring;
    char *tail;             /* the ring in order, for output_forward */
    size_t half;
    uint64_t total;
} Output;

typedef struct Result {
    uint64_t wall_ns;
    struct rusage usage;
    int status;             /* wait4's */
    bool ran;               /* status is the program's */
    bool timed_out;
    uint64_t canary_ns;
    HostState before, after;
    Counter counter;
    uint64_t instructions;
    bool counted;           /* instructions has a value */
    char error[160];        /* no character that JSON would escape; empty for none */
} Result;

static uint64_t tv_ns(struct timeval tv)
{
    return (uint64_t)tv.tv_sec * 1000000000u + (uint64_t)tv.tv_usec * 1000u;
}

static void write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno != EINTR) {
            return;
        }
        data += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
}

static void output_append(Output *out, const char *data, size_t len)
{
    while (len > 0) {
        size_t at = out->total % out->half;
        size_t n = len < out->half - at ? len : out->half - at;

        memcpy((out->total < out->half ? out->head : out->ring) + at, data, n);
        out->total += n;
        data += n;
        len -= n;
    }
}

static void output_forward(const Output *out)
{
    static const char mark[] = "\n[qibench: output cut here]\n";
    size_t half = out->half, at = out->total % half;
    char *tail = out->tail, *line;

    if (out->total <= 2 * half) {
        write_all(STDERR_FILENO, out->head, out->total < half ? out->total : half);
        write_all(STDERR_FILENO, out->ring, out->total < half ? 0 : out->total - half);
        return;
    }
    memcpy(tail, out->ring + at, half - at);
    memcpy(tail + half - at, out->ring, at);
    /* Whole lines only: half of one could pass for a metric of another value or unit. */
    line = memrchr(out->head, '\n', half);
    write_all(STDERR_FILENO, out->head, line == NULL ? half : (size_t)(line - out->head));
    write_all(STDERR_FILENO, mark, sizeof(mark) - 1);
    line = memchr(tail, '\n', half);
    line = line == NULL ? tail : line + 1;
    write_all(STDERR_FILENO, line, (size_t)(tail + half - line));
}

/* At most one buffer: a program that never stops writing must not keep us. */
static bool output_read(Output *out, int *fd)
{
    static char buffer[65536];
    ssize_t n = read(*fd, buffer, sizeof(buffer));

    if (n > 0) {
        output_append(out, buffer, (size_t)n);
        return true;
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close(*fd);
        *fd = -1;               /* poll and read ignore it from now on */
    }
    return false;
}

static void fail(Result *r, const char *what, int error)
{
    snprintf(r->error, sizeof(r->error), "%s%s%s", what, error == 0 ? "" : ": ",
             error == 0 ? "" : strerror(error));
}

static void run_child(char **argv, int output_fd, int go_fd, int error_fd)
{
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC), i, error;
    sigset_t none;
    char byte;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (i = 1; i < NSIG; i++) {
        signal(i, SIG_DFL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(null_fd, STDIN_FILENO) >= 0 && dup2(output_fd, STDOUT_FILENO) >= 0 &&
        dup2(output_fd, STDERR_FILENO) >= 0 && read(go_fd, &byte, 1) == 1) {
        execvp(argv[0], argv);
    }
    error = errno;
    write_all(error_fd, (const char *)&error, sizeof(error));
    _exit(127);
}

/* Collects zombies (process 1 gets all orphans) until pid is among them. */
static bool reap(pid_t pid, Result *r)
{
    pid_t got;

    do {
        got = wait4(-1, &r->status, WNOHANG, &r->usage);
    } while (got > 0 && got != pid);
    return got == pid;
}

static void measure(char **argv, uint64_t timeout_ms, Output *out, Result *r)
{
    int output_pipe[2], go_pipe[2], error_pipe[2], exec_error, signal_fd, sent = 0;
    uint64_t start, deadline, now, last;
    struct signalfd_siginfo info;
    bool stopped = false;
    sigset_t signals;
    pid_t pid;

    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    counter_open(&r->counter);
    signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signal_fd < 0 || pipe2(output_pipe, O_CLOEXEC) || pipe2(go_pipe, O_CLOEXEC) ||
        pipe2(error_pipe, O_CLOEXEC) || (pid = fork()) < 0) {
        fail(r, "cannot start a process", errno);
        return;
    }
    if (pid == 0) {
        run_child(argv, output_pipe[1], go_pipe[0], error_pipe[1]);
    }
    setpgid(pid, pid);
    close(output_pipe[1]);
    close(error_pipe[1]);
    fcntl(output_pipe[0], F_SETFL, O_NONBLOCK);
    fcntl(output_pipe[0], F_SETPIPE_SZ, PIPE_BYTES);

    r->canary_ns = canary_ns();
    host_state_read(&r->before);
    start = now_ns();
    write_all(go_pipe[1], "g", 1);
    deadline = start + timeout_ms * NS_PER_MS;
    while (!reap(pid, r)) {
        struct pollfd fds[2] = {
            { .fd = signal_fd, .events = POLLIN },
            { .fd = output_pipe[0], .events = POLLIN },
        };

        now = now_ns();
        if (stopped || now >= deadline) {
            if (stopped) {
                fail(r, "the runner was told to stop", 0);
            }
            sent = sent == 0 ? SIGTERM : SIGKILL;
            r->timed_out |= sent == SIGTERM && !stopped;
            kill(-pid, sent);
            kill(pid, sent);        /* it may have left its group */
            stopped = false;
            deadline = now + GRACE_NS;
        }
        poll(fds, 2, (int)((deadline - now) / NS_PER_MS) + 1);
        if (fds[0].revents != 0) {
            while (read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
                stopped |= info.ssi_signo != SIGCHLD;
            }
        } else if (fds[1].revents != 0) {
            output_read(out, &output_pipe[0]);
        }
    }
    r->wall_ns = now_ns() - start;
    host_state_read(&r->after);
    r->counted = counter_read(&r->counter, &r->instructions);
    r->ran = true;

    kill(-pid, SIGKILL);
    if (getpid() == 1) {
        kill(-1, SIGKILL);
    }
    /* What is in the pipe, no more: outside of process 1 something may still be writing. */
    for (last = out->total + PIPE_BYTES; out->total < last && output_read(out, &output_pipe[0]);) {
    }
    if (read(error_pipe[0], &exec_error, sizeof(exec_error)) == sizeof(exec_error)) {
        r->ran = false;
        fail(r, "cannot execute the program", exec_error);
    }
}

/* Whether process 1, if that is not us, would let the program open our stdout. */
static bool stdout_in_reach(void)
{
    struct stat ours, other;

    return getpid() != 1 && fstat(STDOUT_FILENO, &ours) == 0 &&
           stat("/proc/1/fd/1", &other) == 0 &&
           ours.st_dev == other.st_dev && ours.st_ino == other.st_ino;
}

static bool print_result(const Result *r, const Output *out)
{
    const struct rusage *u = &r->usage;
    const char *quote = r->error[0] == '\0' ? "" : "\"", *skip = r->counted ? "" : "\"";
    char exit_status[12] = "null", signum[12] = "null", instructions[24] = "null";

    if (r->ran && WIFEXITED(r->status)) {
        snprintf(exit_status, sizeof(exit_status), "%d", WEXITSTATUS(r->status));
    } else if (r->ran) {
        snprintf(signum, sizeof(signum), "%d", WTERMSIG(r->status));
    }
    if (r->counted) {
        snprintf(instructions, sizeof(instructions), "\"%" PRIu64 "\"", r->instructions);
    }
    printf("{\"schema\":\"qibench.run/2\",\"wallNs\":\"%" PRIu64 "\",\"userNs\":\"%" PRIu64 "\","
           "\"systemNs\":\"%" PRIu64 "\",\"maxRssBytes\":\"%" PRIu64 "\",\"minorFaults\":%ld,"
           "\"majorFaults\":%ld,\"voluntarySwitches\":%ld,\"involuntarySwitches\":%ld,"
           "\"exitStatus\":%s,\"signal\":%s,\"timedOut\":%s,\"outputBytes\":%" PRIu64 ","
           "\"outputTruncated\":%s,\"error\":%s%s%s,\"canaryNs\":\"%" PRIu64 "\","
           "\"hostInstructions\":%s,\"instructionsSkipped\":%s%s%s,",
           r->wall_ns, tv_ns(u->ru_utime), tv_ns(u->ru_stime),
           (uint64_t)u->ru_maxrss * 1024u, u->ru_minflt, u->ru_majflt, u->ru_nvcsw, u->ru_nivcsw,
           exit_status, signum, r->timed_out ? "true" : "false",
           out->total, out->total > 2 * out->half ? "true" : "false",
           quote, r->error[0] == '\0' ? "null" : r->error, quote, r->canary_ns, instructions,
           skip, r->counted ? "null" : r->counter.skipped, skip);
    host_state_print("before", &r->before);
    putchar(',');
    host_state_print("after", &r->after);
    fputs("}\n", stdout);
    return fflush(stdout) == 0;
}

/* 0 if text is not a whole number from 1 to max. */
static uint64_t parse_number(const char *text, uint64_t max)
{
    uint64_t value = 0;

    for (; *text >= '0' && *text <= '9' && value <= max; text++) {
        value = value * 10 + (uint64_t)(*text - '0');
    }
    return *text == '\0' && value <= max ? value : 0;
}

int main(int argc, char **argv)
{
    uint64_t timeout_ms = 0, output_limit = 0;
    const char *directory = NULL;
    static Result result;
    Output out = { 0 };
    int i, fd;

    for (i = 1; i + 1 < argc && strcmp(argv[i], "--") != 0; i += 2) {
        if (strcmp(argv[i], "--timeout-ms") == 0) {
            timeout_ms = parse_number(argv[i + 1], MAX_TIMEOUT);
        } else if (strcmp(argv[i], "--output-limit") == 0) {
            output_limit = parse_number(argv[i + 1], MAX_OUTPUT);
        } else if (strcmp(argv[i], "--chdir") == 0) {
            directory = argv[i + 1];
        } else {
            break;
        }
    }
    if (i + 1 >= argc || strcmp(argv[i], "--") != 0 || timeout_ms == 0 || output_limit < 2) {
        fprintf(stderr, "usage: qibench-run --timeout-ms N --output-limit BYTES "
                "[--chdir DIR] -- program args...\n");
        return 2;
    }

    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGPIPE, SIG_IGN);
    for (fd = 3; fd < 4096; fd++) {
        close(fd);
    }
    out.half = output_limit / 2;
    out.head = malloc(out.half);
    out.ring = malloc(out.half);
    out.tail = malloc(out.half);
    if (!out.head || !out.ring || !out.tail) {
        fail(&result, "not enough memory for the output", 0);
    } else if (directory != NULL && chdir(directory) != 0) {
        fail(&result, "cannot change the directory", errno);
    } else if (stdout_in_reach()) {
        fail(&result, "the program could write to our stdout through process 1: "
             "start the container without --init", 0);
    } else {
        measure(argv + i + 1, timeout_ms, &out, &result);
        output_forward(&out);
    }
    return print_result(&result, &out) ? 0 : 1;
}
