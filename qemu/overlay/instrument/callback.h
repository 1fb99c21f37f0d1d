/*
 * Trace instrumentation: what surrounds the call of a callback.
 *
 * Unloading a library must wait until no thread is inside of it. Each thread
 * marks in memory of its own that it is; qi_callbacks_quiesce() looks at all
 * of them. The order of "I am inside" and "which callback?" is not enforced
 * here but by the one who waits, with membarrier(2): an event must be cheap,
 * unloading need not be.
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

static inline unsigned qi_callback_begin_inline(void)
{
    unsigned depth = qi_thread.depth;

    if (__builtin_expect(depth == 0, 0)) {
        depth = qi_callback_register_thread();
    }
    __atomic_store_n(&qi_thread.depth, depth + 1, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    return depth;
}

static inline void qi_callback_end_inline(unsigned depth)
{
    __atomic_store_n(&qi_thread.depth, depth, __ATOMIC_RELEASE);
}

/*
 * Coroutines fire events and continue on other threads. Where the address of
 * thread-local memory is a value, a compiler may keep it across that, see
 * qemu/coroutine-tls.h. x86-64 has it in every access, relative to a segment.
 */
#if defined(__x86_64__) && !defined(QI_CALLBACK_OUT_OF_LINE)
#define qi_callback_begin qi_callback_begin_inline
#define qi_callback_end qi_callback_end_inline
#else
/*
 * Between this and qi_callback_end(), a callback that was read stays valid.
 * Returns what qi_callback_end() must be given.
 */
unsigned qi_callback_begin(void);
void qi_callback_end(unsigned depth);
#endif

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
