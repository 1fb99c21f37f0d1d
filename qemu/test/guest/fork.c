/*
 * A program of Linux: a thread forks while another one exists. In the child,
 * the memory of that one goes to a new thread, and then the forking thread
 * ends. Exits with 0, or with 1 if it cannot end.
 *
 * The newest thread forks, and has its first event before the other: QEMU's
 * plugins fail in a child whose new processor has the number of one of the
 * parent's, and the other is to be the last that the runtime got to know.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that runs longer hangs. */
#define LIMIT_MS 60000

static atomic_int begun, stays, taken;
static char stack[65536] __attribute__((aligned(16)));
/* there as long as QEMU's thread of the forking one runs */
static char program[64];

static int stay(void *opaque)
{
    while (!begun) {
        /* without a system call */
    }
    getppid();
    stays = 1;
    pause();
    return opaque != NULL;
}

static void *take_memory(void *opaque)
{
    getppid();
    taken = 1;
    /* joining it would return before QEMU's thread has ended */
    while (access(program, F_OK) == 0) {
        usleep(1000);
    }
    _exit(0);
    return opaque;
}

static void in_child(void)
{
    pthread_t taker;

    snprintf(program, sizeof(program), "/proc/self/task/%d/exe", gettid());
    pthread_create(&taker, NULL, take_memory, NULL);
    while (!taken) {
        usleep(1000);
    }
    pthread_exit(NULL);
}

static void *fork_with_threads(void *opaque)
{
    int status;
    pid_t child;

    getppid();
    begun = 1;
    while (!stays) {
        usleep(1000);
    }
    child = fork();
    if (child == 0) {
        in_child();
    }
    for (int waited_ms = 0; waited_ms < LIMIT_MS; waited_ms += 10) {
        if (waitpid(child, &status, WNOHANG) == child) {
            _exit(status != 0);
        }
        usleep(10000);
    }
    kill(child, SIGKILL);
    _exit(1);
    return opaque;
}

int main(void)
{
    pthread_t thread;

    clone(stay, stack + sizeof(stack),
          CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD
          | CLONE_SYSVSEM, NULL);
    pthread_create(&thread, NULL, fork_with_threads, NULL);
    pthread_join(thread, NULL);
    return 1;
}
