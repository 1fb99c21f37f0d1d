/*
 * Trace instrumentation: what the unit test and its library agree on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TEST_INSTRUMENT_H
#define TEST_INSTRUMENT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The library's callback of qemu_anon_ram_alloc adds the event's size to the
 * size_t that the event's ptr points to: what was called shows in memory of
 * the test, also when the library is gone.
 */

/*
 * Where the library's callback of qemu_vfree waits, the event's ptr. @left is
 * not atomic: that unloading waits must be what orders it. It has a word of its
 * own because TSan remembers only the last few accesses of a word.
 */
typedef struct Meeting {
    size_t left;
    bool entered;
    bool release;
    bool over;
} Meeting;

/* For instrument-other.c, which has no header of the runtime. */
#ifndef QEMU_INSTR_CONTROL_H
extern const char qi_events_digest[];
void qi_init(int argc, const char **argv);
void qi_fini(void);
#endif

/* The library's own, and the runtime's. */
#ifndef INSTRUMENT_LOADER_H
void qi_stop(void);
#endif

/*
 * Where the events are not selected, the library is compiled all the same, and
 * the test is skipped.
 */
#ifndef QI_DECLARED_QEMU_ANON_RAM_ALLOC
void qi_event_qemu_anon_ram_alloc(size_t size, void *ptr);
#endif
#ifndef QI_DECLARED_QEMU_VFREE
void qi_event_qemu_vfree(void *ptr);
#endif

/* As trace_qemu_anon_ram_alloc(). */
void fire_out_of_line(size_t size, void *ptr);

#endif /* TEST_INSTRUMENT_H */
