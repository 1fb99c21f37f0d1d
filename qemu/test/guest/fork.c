/*
 * A program of Linux: a thread forks while another one exists. In the child,
 * the memory of that one goes to a new thread, the forking thread ends, and
 * after it a third thread begins. Exits with 0, or with 14 if that hangs.
 *
 * The newest thread forks: QEMU's plugins do not forget the others' processors
 * in the child, and fail if a new one has the number of one of those.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_t forking;
static atomic_int begun;

static void *begin(void *opaque)
{
    begun = 1;
    return opaque;
}

static void *stay(void *opaque)
{
    begin(opaque);
    pause();
    return opaque;
}

static void *take_memory(void *opaque)
{
    pthread_t third;

    pthread_join(forking, NULL);
    pthread_create(&third, NULL, begin, NULL);
    pthread_join(third, NULL);
    _exit(0);
    return opaque;
}

static void *fork_with_threads(void *opaque)
{
    pthread_t other;
    int status;
    pid_t child = fork();

    if (child == 0) {
        alarm(10);
        forking = pthread_self();
        pthread_create(&other, NULL, take_memory, NULL);
        pthread_exit(NULL);
    }
    waitpid(child, &status, 0);
    _exit(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    return opaque;
}

int main(void)
{
    pthread_t other, thread;

    pthread_create(&other, NULL, stay, NULL);
    while (!begun) {
        usleep(1000);
    }
    pthread_create(&thread, NULL, fork_with_threads, NULL);
    pthread_join(thread, NULL);
    return 1;
}
