/*
 * A program of Linux: a thread forks while another one exists. In the child,
 * the memory of that one goes to a new thread, the forking thread ends, and
 * after it a third thread begins. Exits with 0, or with 14 if that hangs.
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
#include <stdatomic.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_t forking;
static atomic_int begun, stays;
static char stack[65536] __attribute__((aligned(16)));

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

static void *nothing(void *opaque)
{
    return opaque;
}

static void *take_memory(void *opaque)
{
    pthread_t third;

    pthread_join(forking, NULL);
    pthread_create(&third, NULL, nothing, NULL);
    pthread_join(third, NULL);
    _exit(0);
    return opaque;
}

static void *fork_with_threads(void *opaque)
{
    pthread_t taker;
    int status;
    pid_t child;

    begun = 1;
    while (!stays) {
        usleep(1000);
    }
    child = fork();
    if (child == 0) {
        alarm(10);
        forking = pthread_self();
        pthread_create(&taker, NULL, take_memory, NULL);
        pthread_exit(NULL);
    }
    waitpid(child, &status, 0);
    _exit(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
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
