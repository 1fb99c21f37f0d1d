/*
 * Trace instrumentation: the lock of the runtime.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "instrument/lock.h"

/* Not a QemuMutex: locking that is an event. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
/* Signal mask of the thread that has the lock. */
static sigset_t holder_mask;

void qi_lock(void)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&mutex);
    holder_mask = before;
}

void qi_unlock(void)
{
    sigset_t before = holder_mask;

    pthread_mutex_unlock(&mutex);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/*
 * A guest of user mode may fork while another of its threads has the lock.
 * Other handlers lock mutexes, which is an event: those come first before the
 * fork(), and last after it, as their constructors come later.
 */
static void __attribute__((constructor(102))) lock_during_fork(void)
{
    if (pthread_atfork(qi_lock, qi_unlock, qi_unlock) != 0) {
        abort();
    }
}
