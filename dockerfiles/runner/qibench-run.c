/*
 * qibench-run: process 1 of a container; runs one program after the other and
 * measures each.
 *
 * A request on stdin is a line and, right behind it, BYTES bytes of strings,
 * each ended by NUL: ARGC arguments, ENVC times NAME=value, which are the whole
 * environment of the program, and no or two MARKS of a region (region.h). INPUT
 * bytes for its stdin follow; without any, its stdin is /dev/null.
 *
 *   run TIMEOUT_MS OUTPUT_LIMIT CPU|- STACK_BYTES|0 FIFO_PRIORITY|0
 *       ARGC ENVC MARKS BYTES INPUT
 *
 * The answer on stdout is one line of JSON (services/contract/sample.ts,
 * RunResult) and, right behind it, its forwardedBytes of what the program
 * printed: the first and the last half of OUTPUT_LIMIT, as totals come last.
 * The end of stdin ends the runner, and so does a malformed request. stderr is
 * for what keeps the runner from serving at all.
 *
 * The measured window opens when the waiting child is let go to execute the
 * program and closes when the child has been reaped: waking it, execve and the
 * end of the process are inside, creating it is not. Usage is wait4's: the
 * program and descendants it waited for. The conditions (conditions.h) are read
 * right before and right after.
 *
 * The program is hostile and has the runner's user id:
 *  - The runner is not dumpable, so its /proc/PID/{fd,mem} and ptrace are
 *    refused, and the program inherits no descriptor but 0, 1 and 2: it cannot
 *    write to the runner's stdout.
 *  - As process 1 the runner cannot be killed or stopped by the program.
 *    Docker's --init would take that place, with the same stdout and dumpable:
 *    the runner refuses to serve then.
 *  - The program is the first that the kernel ends where memory is short, not
 *    the runner.
 *
 * Nothing of a run may reach the next one. After the window the runner ends
 * every other process of the container. With them go their memory, sockets,
 * locks, timers, abstract names and what they passed to each other; keyrings,
 * namespaces and mounts are refused by Docker's seccomp profile. The runner
 * searches for leftovers that outlive a process (leftovers.c), and the caller
 * discards a container that has any:
 *  - entries of folders that can be written (/tmp, /dev/shm, /dev/mqueue,
 *    mounts); the root itself must be read-only. A mount for output is the
 *    caller's: it may hold a file that can be written in a folder that cannot,
 *    so a container with one is for one run;
 *  - System V shared memory, semaphores, message queues; connections that TCP
 *    still remembers;
 *  - limits, scheduling, CPUs and I/O priority of process 1, which a child
 *    inherits;
 *  - more than half of the container's memory, in caches that would have to be
 *    emptied.
 * Signals to process 1 leave nothing: none but the host's has an effect. It
 * stays unseen which number the next process has, which times files have, and
 * what is in caches.
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "conditions.h"
#include "leftovers.h"
#include "output.h"
#include "region.h"
#include "request.h"
#include "result.h"

#define NS_PER_MS   UINT64_C(1000000)
#define GRACE_NS    (2000 * NS_PER_MS)          /* from SIGTERM to SIGKILL */
#define PIPE_BYTES  (1 << 20)       /* the most that needs no privilege */

/* A child's report to the runner on its way to the program. */
typedef struct Report {
    const char *failed;     /* a constant; NULL: the child waits to be let go */
    int error;
} Report;

static int signal_fd;       /* readable where a child has ended */

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

static void fail(Result *r, const char *what, int error)
{
    snprintf(r->error, sizeof(r->error), "%s%s%s", what, error == 0 ? "" : ": ",
             error == 0 ? "" : strerror(error));
}

/*
 * The program's stdin: a file in memory that ends with the process, so that no
 * run can see another's.
 */
static int open_input(const Request *request)
{
    int fd;

    if (request->input_bytes == 0) {
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    fd = memfd_create("stdin", MFD_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    write_all(fd, request->input, request->input_bytes);
    return lseek(fd, 0, SEEK_SET) == 0 ? fd : -1;
}

/*
 * Only until execve, which makes the program dumpable and closes all but 0, 1
 * and 2.
 */
static const char *prepare_child(const Request *request, int output_fd)
{
    int input_fd = open_input(request), oom_fd;
    struct sched_param priority = {
        .sched_priority = (int)request->fifo_priority
    };
    struct rlimit stack;
    sigset_t none;
    cpu_set_t cpu;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = 1; i < NSIG; i++) {
        signal(i, SIG_DFL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /*
     * The file is root's while we are not dumpable; no program runs now that
     * could make use of it.
     */
    prctl(PR_SET_DUMPABLE, 1);
    oom_fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    prctl(PR_SET_DUMPABLE, 0);
    if (oom_fd >= 0) {
        write_all(oom_fd, "1000", 4);
    }
    if (dup2(input_fd, STDIN_FILENO) < 0 ||
        dup2(output_fd, STDOUT_FILENO) < 0 ||
        dup2(output_fd, STDERR_FILENO) < 0) {
        return "cannot connect the program";
    }
    if (request->stack_bytes != 0) {
        if (getrlimit(RLIMIT_STACK, &stack) != 0) {
            return "cannot limit the stack";
        }
        stack.rlim_cur = request->stack_bytes;
        if (setrlimit(RLIMIT_STACK, &stack) != 0) {
            return "cannot limit the stack";
        }
    }
    if (request->cpu >= 0) {
        CPU_ZERO(&cpu);
        CPU_SET(request->cpu, &cpu);
        if (sched_setaffinity(0, sizeof(cpu), &cpu) != 0) {
            return "cannot use the CPU";
        }
    }
    if (request->fifo_priority != 0 &&
        sched_setscheduler(0, SCHED_FIFO, &priority) != 0) {
        return "cannot use real-time priority";
    }
    return NULL;
}

static void run_child(const Request *request, int output_fd, int go_fd,
                      int report_fd)
{
    Report report = { .failed = prepare_child(request, output_fd) };
    char byte;

    report.error = errno;
    write_all(report_fd, (const char *)&report, sizeof(report));
    if (report.failed == NULL && read(go_fd, &byte, 1) == 1) {
        execvpe(request->argv[0], request->argv, request->envp);
        report = (Report){ "cannot execute the program", errno };
        write_all(report_fd, (const char *)&report, sizeof(report));
    }
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

/*
 * Whether the child told of a failure; it has closed its end when it has become
 * the program.
 */
static bool failed(int report_fd, Result *r)
{
    Report report;

    if (read(report_fd, &report, sizeof(report)) != sizeof(report) ||
        report.failed == NULL) {
        return false;
    }
    fail(r, report.failed, report.error);
    return true;
}

/*
 * Waits for the program, collecting what it prints, and stops it when its time
 * is up.
 */
static void wait_for(pid_t pid, uint64_t deadline, int *output_fd, Output *out,
                     Result *r)
{
    struct signalfd_siginfo info;
    int sent = 0;

    while (!reap(pid, r)) {
        struct pollfd fds[2] = {
            { .fd = signal_fd, .events = POLLIN },
            { .fd = *output_fd, .events = POLLIN },
        };
        uint64_t now = now_ns();

        if (now >= deadline) {
            sent = sent == 0 ? SIGTERM : SIGKILL;
            r->timed_out = true;
            kill(-pid, sent);
            kill(pid, sent);        /* it may have left its group */
            deadline = now + GRACE_NS;
        }
        poll(fds, 2, (int)((deadline - now) / NS_PER_MS) + 1);
        if (fds[0].revents != 0) {
            while (read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
                continue;
            }
        } else if (fds[1].revents != 0) {
            output_read(out, output_fd);
        }
    }
}

static void measure_child(const Request *request, pid_t pid, int go_fd,
                          int report_fd, int *output_fd, Output *out, Result *r)
{
    int64_t kills = oom_kills();
    uint64_t start, seen;

    if (failed(report_fd, r)) {
        waitpid(pid, NULL, 0);
        return;
    }
    host_state_read(&r->before, &r->cpus);
    region_begin(&out->region, request->marks[0], request->marks[1], pid,
                 &r->counter);
    start = now_ns();
    write_all(go_fd, "g", 1);
    wait_for(pid, start + request->timeout_ms * NS_PER_MS, output_fd, out, r);
    r->wall_ns = now_ns() - start;
    /*
     * A mark that the program printed right before its end; not more than the
     * pipe holds, because a process that is left may write without end.
     */
    if (request->marks[0] != NULL) {
        region_end(&out->region, start + r->wall_ns,
                   tv_ns(r->usage.ru_utime) + tv_ns(r->usage.ru_stime));
        seen = out->total;
        while (out->total - seen < PIPE_BYTES && output_read(out, output_fd)) {
            continue;
        }
    }
    host_state_read(&r->after, &r->cpus);
    r->oom_kills = kills < 0 ? -1 : oom_kills() - kills;
    r->ran = !failed(report_fd, r);
}

static void measure(const Request *request, Output *out, Result *r)
{
    int output[2] = { -1, -1 }, go[2] = { -1, -1 }, report[2] = { -1, -1 };
    pid_t pid;

    r->oom_kills = -1;
    CPU_ZERO(&r->cpus);
    sched_getaffinity(0, sizeof(r->cpus), &r->cpus);
    if (request->cpu >= 0) {
        CPU_ZERO(&r->cpus);
        CPU_SET(request->cpu, &r->cpus);
    }
    counter_open(&r->counter);
    if (pipe2(output, O_CLOEXEC) || pipe2(go, O_CLOEXEC) ||
        pipe2(report, O_CLOEXEC)) {
        pid = -1;
    } else {
        pid = fork();
    }
    if (pid < 0) {
        fail(r, "cannot start a process", errno);
    } else if (pid == 0) {
        run_child(request, output[1], go[0], report[1]);
    } else {
        setpgid(pid, pid);
        close(output[1]);
        close(report[1]);
        output[1] = report[1] = -1;
        fcntl(output[0], F_SETFL, O_NONBLOCK);
        fcntl(output[0], F_SETPIPE_SZ, PIPE_BYTES);
        measure_child(request, pid, go[1], report[0], &output[0], out, r);
    }
    leftovers_find(end_all_processes(), r->left_behind, sizeof(r->left_behind));
    r->counted = counter_read(&r->counter, &r->instructions);
    while (output_read(out, &output[0])) {
        continue;
    }
    close(output[0]);
    close(output[1]);
    close(go[0]);
    close(go[1]);
    close(report[0]);
    close(report[1]);
}

static bool serve(const Request *request)
{
    static Result result;
    Output out = { .half = request->output_limit / 2 };
    bool written;

    memset(&result, 0, sizeof(result));
    out.head = malloc(out.half);
    out.ring = malloc(out.half);
    if (out.head == NULL || out.ring == NULL) {
        out.half = 0;
        fail(&result, "not enough memory for the output", 0);
    } else {
        measure(request, &out, &result);
    }
    written = result_print(&result, &out);
    free(out.head);
    free(out.ring);
    return written;
}

static void on_stop(int signum, siginfo_t *info, void *context)
{
    (void)context;
    /*
     * Process 0 is one of the host. The program can send a signal, but not one
     * that claims this.
     */
    if (info->si_code == SI_USER && info->si_pid == 0) {
        _exit(128 + signum);
    }
}

/*
 * Prepares this process as described in the head of this file. Returns the
 * obstacle, or NULL.
 */
static const char *begin(void)
{
    struct sigaction stop = { .sa_sigaction = on_stop,
                              .sa_flags = SA_SIGINFO | SA_RESTART };
    sigset_t signals;

    if (getpid() != 1) {
        return "not process 1: start the container without --init";
    }
    for (int fd = 3; fd < 4096; fd++) {
        close(fd);
    }
    if (!leftovers_begin()) {
        return "the root can be written: start the container with --read-only";
    }
    conditions_open();
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGPIPE, SIG_IGN);
    sigaction(SIGTERM, &stop, NULL);
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return signal_fd < 0 ? "no signalfd" : NULL;
}

int main(void)
{
    const char *problem = begin();
    char line[256];

    while (problem == NULL && fgets(line, sizeof(line), stdin) != NULL) {
        Request request = { 0 };

        problem = parse_request(line, &request);
        if (problem == NULL && !serve(&request)) {
            problem = "the answer cannot be written";
        }
        free(request.argv);
        free(request.envp);
        free(request.marks);
        free(request.strings);
        free(request.input);
    }
    if (problem != NULL) {
        fprintf(stderr, "qibench-run: %s\n", problem);
        return 2;
    }
    return 0;
}
