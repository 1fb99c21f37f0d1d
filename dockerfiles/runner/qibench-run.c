/*
 * qibench-run: process 1 of a container; runs one program after the other and
 * measures each.
 *
 * A request on stdin is a line and, right behind it, BYTES bytes of strings,
 * each ended by NUL: ARGC arguments, ENVC times NAME=value, which are the whole
 * environment of the program, no or two MARKS of a region (region.h), and the
 * arguments of two further programs. INPUT bytes for its stdin follow; without
 * any, its stdin is /dev/null.
 *
 *   run TIMEOUT_MS OUTPUT_LIMIT CPU|- STACK_BYTES|0 FIFO_PRIORITY|0
 *       ARGC ENVC MARKS BEFORE AFTER BYTES INPUT
 *
 * BEFORE and AFTER are the numbers of arguments of a program that runs before
 * the measured window, and of one that runs behind it; 0: none. They start a
 * recorder of the program's events and read what it recorded. Processes that
 * the first starts go on beside the program. Their environment is the
 * program's, and their output belongs to its output.
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
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "child.h"
#include "conditions.h"
#include "leftovers.h"
#include "output.h"
#include "region.h"
#include "request.h"
#include "result.h"

#define NS_PER_MS   UINT64_C(1000000)
#define GRACE_NS    (2000 * NS_PER_MS)          /* from SIGTERM to SIGKILL */
#define BESIDE_NS   (120000 * NS_PER_MS)        /* of BEFORE, and of AFTER */

static int signal_fd;       /* readable where a child has ended */

/*
 * Reads what the pipe holds and not more: a process that is left may write
 * without end.
 */
static void output_drain(Output *out, int *fd)
{
    uint64_t seen = out->total;

    while (out->total - seen < PIPE_BYTES && output_read(out, fd)) {
        continue;
    }
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

/*
 * Runs a program before or behind the measured window, on all CPUs. Returns
 * whether it succeeded.
 */
static bool run_beside(const Request *request, char **argv, Output *out,
                       Result *r)
{
    static Result own;
    Request beside = { .argv = argv, .envp = request->envp, .cpu = -1 };
    Child child = child_start(&beside);

    memset(&own, 0, sizeof(own));
    if (child.pid < 0) {
        result_fail(&own, "cannot start a process", errno);
    } else if (child_failed(&child, &own)) {
        waitpid(child.pid, NULL, 0);
    } else {
        child_go(&child);
        wait_for(child.pid, now_ns() + BESIDE_NS, &child.output_fd, out, &own);
        output_drain(out, &child.output_fd);
        child_failed(&child, &own);
    }
    child_close(&child);
    if (own.error[0] == '\0' && (own.timed_out || own.status != 0)) {
        result_fail(&own, own.timed_out ? "it took too long" : "it failed", 0);
    }
    if (own.error[0] != '\0') {
        snprintf(r->error, sizeof(r->error), "%s: %.100s",
                 argv == request->before ? "the recorder did not start"
                                         : "the recording cannot be read",
                 own.error);
    }
    return own.error[0] == '\0';
}

static void measure_child(const Request *request, Child *child, Output *out,
                          Result *r)
{
    int64_t kills = oom_kills();
    uint64_t start_ns;

    if (child_failed(child, r)) {
        waitpid(child->pid, NULL, 0);
        return;
    }
    host_state_read(&r->before, &r->cpus);
    region_begin(&out->region, request->marks[0], request->marks[1], child->pid,
                 &r->counter);
    start_ns = now_ns();
    child_go(child);
    wait_for(child->pid, start_ns + request->timeout_ms * NS_PER_MS,
             &child->output_fd, out, r);
    r->wall_ns = now_ns() - start_ns;
    /* A mark that the program printed right before its end. */
    if (request->marks[0] != NULL) {
        region_end(&out->region, start_ns + r->wall_ns,
                   tv_ns(r->usage.ru_utime) + tv_ns(r->usage.ru_stime));
        output_drain(out, &child->output_fd);
    }
    host_state_read(&r->after, &r->cpus);
    r->oom_kills = kills < 0 ? -1 : oom_kills() - kills;
    r->ran = !child_failed(child, r);
}

static void measure(const Request *request, Output *out, Result *r)
{
    Child child = { -1, -1, -1, -1 };

    r->counter.fd = -1;
    r->oom_kills = -1;
    CPU_ZERO(&r->cpus);
    sched_getaffinity(0, sizeof(r->cpus), &r->cpus);
    if (request->cpu >= 0) {
        CPU_ZERO(&r->cpus);
        CPU_SET(request->cpu, &r->cpus);
    }
    if (request->before[0] == NULL ||
        run_beside(request, request->before, out, r)) {
        counter_open(&r->counter);
        child = child_start(request);
        if (child.pid < 0) {
            result_fail(r, "cannot start a process", errno);
        } else {
            measure_child(request, &child, out, r);
        }
        if (request->after[0] != NULL && r->ran) {
            output_drain(out, &child.output_fd);
            /* The program's instructions, without the reader's. */
            r->counted = counter_read(&r->counter, &r->instructions);
            r->ran = run_beside(request, request->after, out, r);
        }
    }
    leftovers_find(end_all_processes(), r->left_behind, sizeof(r->left_behind));
    r->counted = r->counted || counter_read(&r->counter, &r->instructions);
    while (output_read(out, &child.output_fd)) {
        continue;
    }
    child_close(&child);
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
        result_fail(&result, "not enough memory for the output", 0);
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
        free(request.before);
        free(request.after);
        free(request.strings);
        free(request.input);
    }
    if (problem != NULL) {
        fprintf(stderr, "qibench-run: %s\n", problem);
        return 2;
    }
    return 0;
}
