/*
 * Trace instrumentation: what surrounds the call of a callback.
 *
 * Unloading a library must wait until no thread is inside of it. Each thread
 * marks in memory of its own that it is; qi_callbacks_quiesce() looks at all
 * of them. The order of "I am inside" and "which callback?" is not enforced
 * here but by the one who waits, with membarrier(2): an event must be cheap,
 * unloading need not be.
 *
 * This work is licensed under the terms of the GNU GPL, version 2 or later.
 * See the COPYING file in the top-level directory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef INSTRUMENT_CALLBACK_H
#define INSTRUMENT_CALLBACK_H

#include <stdbool.h>

/**
 * QIThread:
 * @depth: How many callbacks the thread is inside of, plus one; they may nest.
 *         0 as long as qi_callbacks_quiesce() does not know of the thread.
 * @next: Next thread that is known.
 */
typedef struct QIThread {
    unsigned depth;
    struct QIThread *next;
} QIThread;

/* the executable's, at a constant offset; modules have to load the offset */
#ifdef BUILD_DSO
#define QI_TLS_MODEL "initial-exec"
#else
#define QI_TLS_MODEL "local-exec"
#endif
extern __thread QIThread qi_thread __attribute__((tls_model(QI_TLS_MODEL)));

/* Returns the thread's depth from now on. */
unsigned qi_callback_register_thread(void);

/*
 * Between this and qi_callback_end(), a callback that was read stays valid.
 * Returns what qi_callback_end() must be given.
 */
static inline unsigned qi_callback_begin(void)
{
    unsigned depth = qi_thread.depth;

    if (__builtin_expect(depth == 0, 0)) {
        depth = qi_callback_register_thread();
    }
    __atomic_store_n(&qi_thread.depth, depth + 1, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    return depth;
}

static inline void qi_callback_end(unsigned depth)
{
    __atomic_store_n(&qi_thread.depth, depth, __ATOMIC_RELEASE);
}

/**
 * qi_callbacks_quiesce:
 * @limit_ms: How long to wait.
 *
 * Wait until no thread is inside a callback that it read before this call.
 *
 * Returns: false if a callback does not return in time, or if this system
 *          cannot tell (no membarrier): then code of callbacks must stay.
 */
bool qi_callbacks_quiesce(unsigned limit_ms);

#endif /* INSTRUMENT_CALLBACK_H */
