/*
 * Trace instrumentation: which threads are inside a callback.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#define QI_CALLBACK_OUT_OF_LINE
#include "instrument/callback.h"
#include "instrument/lock.h"

#ifdef CONFIG_LINUX
#include <linux/membarrier.h>
#include <sys/syscall.h>
#endif

__thread QIThread qi_thread;

static QIThread *threads;
static pthread_key_t exit_key;
static bool have_membarrier;

static void forget_thread(void *opaque)
{
    QIThread *thread = opaque;

    qi_lock();
    for (QIThread **link = &threads; *link; link = &(*link)->next) {
        if (*link == thread) {
            *link = thread->next;
            break;
        }
    }
    thread->depth = 0;
    qi_unlock();
}

/* The child of a fork() has one thread, which may be inside a callback. */
static void forget_other_threads(void)
{
    threads = qi_thread.depth > 0 ? &qi_thread : NULL;
    qi_thread.next = NULL;
}

/*
 * Registering costs a microsecond as long as the process has one thread, and a
 * grace period of the kernel's RCU, 10 ms, afterwards. The constructor of
 * QEMU's own RCU, which has no priority, starts a thread: this one runs before
 * it. A build without instrumented events does not link this file.
 */
static void __attribute__((constructor(101))) init_callbacks(void)
{
    if (pthread_key_create(&exit_key, forget_thread) != 0
        || pthread_atfork(NULL, NULL, forget_other_threads) != 0) {
        abort();
    }
#ifdef CONFIG_LINUX
    have_membarrier =
        syscall(__NR_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
                0) == 0;
#endif
}

unsigned qi_callback_register_thread(void)
{
    pthread_setspecific(exit_key, &qi_thread);
    qi_lock();
    /* a signal may have come first, whose handler fired an event */
    if (qi_thread.depth == 0) {
        qi_thread.depth = 1;
        qi_thread.next = threads;
        threads = &qi_thread;
    }
    qi_unlock();
    return qi_thread.depth;
}

unsigned __attribute__((noinline)) qi_callback_begin(void)
{
    return qi_callback_begin_inline();
}

void __attribute__((noinline)) qi_callback_end(unsigned depth)
{
    qi_callback_end_inline(depth);
}

static bool any_inside(void)
{
    bool inside = false;

    qi_lock();
    for (QIThread *thread = threads; thread; thread = thread->next) {
        if (__atomic_load_n(&thread->depth, __ATOMIC_ACQUIRE) > 1) {
            inside = true;
        }
    }
    qi_unlock();
    return inside;
}

bool qi_callbacks_quiesce(unsigned limit_ms)
{
    if (!have_membarrier) {
        return false;
    }
#ifdef CONFIG_LINUX
    /* A thread that is not seen inside now reads callbacks as they are now. */
    if (syscall(__NR_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0) != 0) {
        return false;
    }
#endif
    for (unsigned waited_ms = 0; any_inside(); waited_ms++) {
        if (waited_ms == limit_ms) {
            return false;
        }
        g_usleep(1000);
    }
    return true;
}
