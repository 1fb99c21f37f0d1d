/*
 * qibench-run: runs one program and measures it.
 *
 *   qibench-run --timeout-ms N --output-limit BYTES -- program args...
 *
 * The measured window opens just before the child executes the program and
 * closes when the child has been reaped; container start-up is outside of it.
 *
 * stdout gets exactly one line of JSON (services/contract/sample.ts,
 * RunResult). stderr gets what the program printed, after it has ended, so
 * that forwarding it costs the program nothing: the first and the last half
 * of BYTES are kept, because totals come last.
 *
 * The program is hostile and has the runner's user id. The runner is not
 * dumpable, so its file descriptors and memory are out of the program's reach,
 * and the program inherits none of them.
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
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GRACE_MS 2000

/* The program's output: a head, then a ring that holds the newest bytes. */
typedef struct Output {
    char *head;
    char *ring;
    size_t half;
    size_t head_bytes;
    uint64_t ring_total;
    uint64_t total;
} Output;

static volatile sig_atomic_t stop_requested;

static void on_stop(int signum)
{
    (void)signum;
    stop_requested = 1;
}

static uint64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void output_append(Output *out, const char *data, size_t len)
{
    out->total += len;
    if (out->head_bytes < out->half) {
        size_t n = out->half - out->head_bytes;

        n = n < len ? n : len;
        memcpy(out->head + out->head_bytes, data, n);
        out->head_bytes += n;
        data += n;
        len -= n;
    }
    while (len > 0) {
        size_t at = out->ring_total % out->half;
        size_t n = out->half - at;

        n = n < len ? n : len;
        memcpy(out->ring + at, data, n);
        out->ring_total += n;
        data += n;
        len -= n;
    }
}

static bool write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return false;
        }
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static bool output_truncated(const Output *out)
{
    return out->ring_total > out->half;
}

static void output_forward(const Output *out)
{
    static const char mark[] = "\n[qibench: output cut here]\n";
    size_t at = out->ring_total % out->half;

    write_all(STDERR_FILENO, out->head, out->head_bytes);
    if (output_truncated(out)) {
        write_all(STDERR_FILENO, mark, sizeof(mark) - 1);
        write_all(STDERR_FILENO, out->ring + at, out->half - at);
        write_all(STDERR_FILENO, out->ring, at);
    } else {
        write_all(STDERR_FILENO, out->ring, out->ring_total);
    }
}

/* Read what is there; false at the end of the stream. */
static bool drain(int fd, Output *out)
{
    char buffer[65536];

    for (;;) {
        ssize_t n = read(fd, buffer, sizeof(buffer));

        if (n > 0) {
            output_append(out, buffer, (size_t)n);
        } else if (n == 0) {
            return false;
        } else if (errno == EAGAIN) {
            return true;
        } else if (errno != EINTR) {
            return false;
        }
    }
}

static void run_child(char **argv, int output_fd, int go_fd, int error_fd)
{
    sigset_t none;
    char byte;
    int null_fd = open("/dev/null", O_RDONLY);
    int error;

    setpgid(0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    dup2(null_fd, STDIN_FILENO);
    dup2(output_fd, STDOUT_FILENO);
    dup2(output_fd, STDERR_FILENO);
    /* The parent takes the time, then lets us go: set-up is not measured. */
    while (read(go_fd, &byte, 1) < 0 && errno == EINTR) {
    }
    execvp(argv[0], argv);
    error = errno;
    write_all(error_fd, (const char *)&error, sizeof(error));
    _exit(127);
}

static uint64_t timeval_ns(struct timeval tv)
{
    return (uint64_t)tv.tv_sec * 1000000000u + (uint64_t)tv.tv_usec * 1000u;
}

static uint64_t number_argument(const char *text)
{
    char *end;
    uint64_t value = strtoull(text, &end, 10);

    if (*text == '\0' || *end != '\0' || value == 0) {
        fprintf(stderr, "qibench-run: bad number '%s'\n", text);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    uint64_t timeout_ms = 0, output_limit = 0, start_ns, end_ns, deadline_ns;
    bool timed_out = false, killed = false, reaped = false, open_output = true;
    int output_pipe[2], go_pipe[2], error_pipe[2];
    int i, status = 0, exec_error = 0, pidfd;
    struct rusage usage;
    struct sigaction stop_action = { .sa_handler = on_stop };
    Output out = { 0 };
    pid_t pid;

    for (i = 1; i + 1 < argc && strcmp(argv[i], "--") != 0; i += 2) {
        if (strcmp(argv[i], "--timeout-ms") == 0) {
            timeout_ms = number_argument(argv[i + 1]);
        } else if (strcmp(argv[i], "--output-limit") == 0) {
            output_limit = number_argument(argv[i + 1]);
        } else {
            break;
        }
    }
    if (i + 1 >= argc || strcmp(argv[i], "--") != 0 || timeout_ms == 0 ||
        output_limit < 2) {
        fprintf(stderr, "usage: qibench-run --timeout-ms N "
                        "--output-limit BYTES -- program args...\n");
        return 2;
    }

    prctl(PR_SET_DUMPABLE, 0);
    out.half = output_limit / 2;
    out.head = malloc(out.half);
    out.ring = malloc(out.half);
    if (out.head == NULL || out.ring == NULL ||
        pipe2(output_pipe, O_CLOEXEC) != 0 || pipe2(go_pipe, O_CLOEXEC) != 0 ||
        pipe2(error_pipe, O_CLOEXEC) != 0) {
        perror("qibench-run");
        return 2;
    }
    sigaction(SIGTERM, &stop_action, NULL);
    sigaction(SIGINT, &stop_action, NULL);
    signal(SIGPIPE, SIG_IGN);

    pid = fork();
    if (pid < 0) {
        perror("qibench-run: fork");
        return 2;
    }
    if (pid == 0) {
        run_child(argv + i + 1, output_pipe[1], go_pipe[0], error_pipe[1]);
    }
    setpgid(pid, pid);
    close(output_pipe[1]);
    close(error_pipe[1]);
    fcntl(output_pipe[0], F_SETFL, O_NONBLOCK);
    pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

    start_ns = now_ns();
    deadline_ns = start_ns + timeout_ms * 1000000u;
    write_all(go_pipe[1], "g", 1);

    while (!reaped) {
        struct pollfd fds[2] = {
            { .fd = open_output ? output_pipe[0] : -1, .events = POLLIN },
            { .fd = pidfd, .events = POLLIN },
        };
        uint64_t now = now_ns();
        int wait_ms = deadline_ns <= now
            ? 0 : (int)((deadline_ns - now) / 1000000u) + 1;

        if (poll(fds, 2, pidfd < 0 && wait_ms > 1 ? 1 : wait_ms) > 0 &&
            (fds[0].revents & (POLLIN | POLLHUP))) {
            open_output = drain(output_pipe[0], &out);
        }
        if (wait4(pid, &status, WNOHANG, &usage) == pid) {
            reaped = true;
            break;
        }
        if (stop_requested || now_ns() >= deadline_ns) {
            timed_out = timed_out || !(stop_requested || killed);
            kill(-pid, killed ? SIGKILL : SIGTERM);
            killed = true;
            stop_requested = 0;
            deadline_ns = now_ns() + GRACE_MS * 1000000ull;
        }
    }
    end_ns = now_ns();

    kill(-pid, SIGKILL);
    if (open_output) {
        drain(output_pipe[0], &out);
    }
    if (read(error_pipe[0], &exec_error, sizeof(exec_error)) !=
        sizeof(exec_error)) {
        exec_error = 0;
    }
    output_forward(&out);

    printf("{\"schema\":\"qibench.run/1\",\"wallNs\":\"%" PRIu64 "\","
           "\"userNs\":\"%" PRIu64 "\",\"systemNs\":\"%" PRIu64 "\","
           "\"maxRssBytes\":\"%" PRIu64 "\","
           "\"minorFaults\":%ld,\"majorFaults\":%ld,"
           "\"voluntarySwitches\":%ld,\"involuntarySwitches\":%ld,",
           end_ns - start_ns, timeval_ns(usage.ru_utime),
           timeval_ns(usage.ru_stime), (uint64_t)usage.ru_maxrss * 1024u,
           usage.ru_minflt, usage.ru_majflt, usage.ru_nvcsw, usage.ru_nivcsw);
    if (exec_error != 0 || !WIFEXITED(status)) {
        printf("\"exitStatus\":null,");
    } else {
        printf("\"exitStatus\":%d,", WEXITSTATUS(status));
    }
    if (WIFSIGNALED(status)) {
        printf("\"signal\":%d,", WTERMSIG(status));
    } else {
        printf("\"signal\":null,");
    }
    printf("\"timedOut\":%s,\"outputBytes\":%" PRIu64 ","
           "\"outputTruncated\":%s,",
           timed_out ? "true" : "false", out.total,
           output_truncated(&out) ? "true" : "false");
    if (exec_error != 0) {
        printf("\"error\":\"cannot execute the program: %s\"}\n",
               strerror(exec_error));
    } else {
        printf("\"error\":null}\n");
    }
    return 0;
}
