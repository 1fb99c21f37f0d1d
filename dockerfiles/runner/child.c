/*
 * Starts the process of a program (child.h).
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include "child.h"

/* A child's report to the runner on its way to the program. */
typedef struct Report {
    const char *failed;     /* a constant; NULL: the child waits to be let go */
    int error;
} Report;

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

Child child_start(const Request *request)
{
    int output[2] = { -1, -1 }, go[2] = { -1, -1 }, report[2] = { -1, -1 };
    Child child = { .pid = -1 };
    int error;

    if (pipe2(output, O_CLOEXEC) == 0 && pipe2(go, O_CLOEXEC) == 0 &&
        pipe2(report, O_CLOEXEC) == 0) {
        child.pid = fork();
    }
    if (child.pid == 0) {
        run_child(request, output[1], go[0], report[1]);
    } else if (child.pid > 0) {
        setpgid(child.pid, child.pid);
        fcntl(output[0], F_SETFL, O_NONBLOCK);
        fcntl(output[0], F_SETPIPE_SZ, PIPE_BYTES);
    }
    error = errno;
    close(output[1]);
    close(go[0]);
    close(report[1]);
    errno = error;
    child.output_fd = output[0];
    child.go_fd = go[1];
    child.report_fd = report[0];
    return child;
}

void child_go(const Child *child)
{
    write_all(child->go_fd, "g", 1);
}

bool child_failed(const Child *child, Result *r)
{
    Report report;

    if (read(child->report_fd, &report, sizeof(report)) != sizeof(report) ||
        report.failed == NULL) {
        return false;
    }
    result_fail(r, report.failed, report.error);
    return true;
}

void child_close(const Child *child)
{
    close(child->output_fd);
    close(child->go_fd);
    close(child->report_fd);
}
