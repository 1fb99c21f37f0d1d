/*
 * A program of Linux, for any architecture. It does one of the things that its
 * argument names: "threads" that count together; "fork", with a child before
 * and a child after another thread existed; "signals", between instructions
 * and at a system call. Each process prints the number of signals that it has
 * handled. Exits with 0 if all went well.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4
#define ROUNDS 10000
#define SIGNALS 50
#define ALARMS 5

static volatile sig_atomic_t handled;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long locked;
static atomic_ulong together;

static void handle(int number)
{
    handled += number > 0;
}

static void print_signals(void)
{
    dprintf(STDOUT_FILENO, "SIGNALS %d\n", (int)handled);
}

static void *count(void *opaque)
{
    for (int i = 0; i < ROUNDS; i++) {
        atomic_fetch_add(&together, 1);
        pthread_mutex_lock(&lock);
        locked++;
        pthread_mutex_unlock(&lock);
    }
    return opaque;
}

static int with_threads(unsigned int threads)
{
    pthread_t thread[THREADS];
    unsigned long expected = locked + threads * ROUNDS;

    for (unsigned int i = 0; i < threads; i++) {
        if (pthread_create(&thread[i], NULL, count, NULL) != 0) {
            return 1;
        }
    }
    for (unsigned int i = 0; i < threads; i++) {
        pthread_join(thread[i], NULL);
    }
    return locked != expected || together != expected;
}

static int with_child(void)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        count(NULL);
        print_signals();
        _exit(0);
    }
    return waitpid(child, &status, 0) != child || status != 0;
}

static int with_fork(void)
{
    return with_child() || with_threads(1) || with_child();
}

static int with_signals(void)
{
    /* without an interval, so that none is left at the end */
    const struct itimerval once = { .it_value = { .tv_usec = 1000 } };
    const struct sigaction action = {
        .sa_handler = handle, .sa_flags = SA_RESTART
    };

    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    for (int i = 0; i < SIGNALS; i++) {
        raise(SIGUSR1);
    }
    for (int i = 0; i < ALARMS; i++) {
        sig_atomic_t before = handled;

        setitimer(ITIMER_REAL, &once, NULL);
        while (handled == before) {
            /* without a system call */
        }
    }
    return handled != SIGNALS + ALARMS;
}

int main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";
    int failed = strcmp(what, "threads") == 0 ? with_threads(THREADS)
               : strcmp(what, "fork") == 0 ? with_fork()
               : strcmp(what, "signals") == 0 ? with_signals() : 2;

    print_signals();
    return failed;
}
