/*
 * Conformance: the API, in both modes from one source. Prints a line
 *     CHECK <what> ok|FAILED
 * for each thing that it looks at. Built with the events qemu_anon_ram_alloc,
 * memory_region_ops_write and exec_tb selected; qi_event_exec_tb is not defined
 * in dynamic mode.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include <qemu-instr/config.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>
#include <qemu-instr/trace.h>

#include "events-post.h"

#define CHECK(what, condition) \
    fprintf(stderr, "CHECK %s %s\n", what, (condition) ? "ok" : "FAILED")

#ifdef QI_TYPE_DYNAMIC
#define DYNAMIC true
#else
#define DYNAMIC false
#endif

unsigned long api_writes;
static unsigned long ram_allocs, own_calls;

void qi_event_qemu_anon_ram_alloc(size_t size, void *ptr)
{
    ram_allocs += size > 0 && ptr != NULL;
}

static void own_exec_tb(void *tb, uintptr_t pc)
{
    (void)tb, (void)pc;
    __atomic_fetch_add(&own_calls, 1, __ATOMIC_RELAXED);
}

#ifdef QI_TYPE_STATIC
void qi_event_exec_tb(void *tb, uintptr_t pc)
{
    own_exec_tb(tb, pc);
}
#endif

static void check_enumeration(void)
{
    QIEvent *write = qi_ctrl_event_id(QI_EVENT_MEMORY_REGION_OPS_WRITE);
    QIEvent *ev = NULL;
    unsigned all = 0, ops = 0, available = 0;
    bool in_order = true;

    CHECK("event by identifier",
          write && !strcmp(qi_ctrl_event_get_name(write),
                           "memory_region_ops_write"));
    CHECK("identifier of an event",
          qi_ctrl_event_get_id(write) == QI_EVENT_MEMORY_REGION_OPS_WRITE);
    CHECK("no event has an identifier too large",
          qi_ctrl_event_id(QI_EVENT__COUNT) == NULL);
    while ((ev = qi_ctrl_event_pattern("*", ev)) != NULL) {
        in_order = in_order && qi_ctrl_event_get_id(ev) == all;
        all++;
        available += qi_ctrl_event_is_available(ev);
    }
    CHECK("all events are enumerated, in order",
          in_order && all == QI_EVENT__COUNT);
    CHECK("the selected events are available, no others", available == 3);
    while ((ev = qi_ctrl_event_pattern("memory_region_ops_?????", ev))) {
        ops++;
    }
    CHECK("a pattern with a question mark", ops == 1);
    CHECK("a name is a pattern",
          qi_ctrl_event_pattern("memory_region_ops_write", NULL) == write
          && qi_ctrl_event_pattern("memory_region_ops_write", write) == NULL);
    CHECK("a pattern that matches nothing",
          qi_ctrl_event_pattern("no_such_event*", NULL) == NULL);
    CHECK("enabled at compile time",
          QI_EVENT_MEMORY_REGION_OPS_WRITE_ENABLED == 1);
}

static void check_set(void)
{
    QIEvent *write = qi_ctrl_event_id(QI_EVENT_MEMORY_REGION_OPS_WRITE);
    QIEvent *alloc = qi_ctrl_event_id(QI_EVENT_QEMU_ANON_RAM_ALLOC);
    QIEvent *exec = qi_ctrl_event_id(QI_EVENT_EXEC_TB);
    QIEvent *other = qi_ctrl_event_id(QI_EVENT_MEMORY_REGION_OPS_READ);

    CHECK("the mode is known", qi_ctrl_dynamic() == DYNAMIC);
    CHECK("set trace",
          qi_ctrl_event_set(alloc, QI_CTRL_INSTR_TRACE) == DYNAMIC);
    CHECK("set nop", qi_ctrl_event_set(alloc, QI_CTRL_INSTR_NOP) == DYNAMIC);
    CHECK("set the nop function",
          qi_ctrl_event_set(alloc, (void *)qi_event_qemu_anon_ram_alloc_nop)
          == DYNAMIC);
    CHECK("set auto", qi_ctrl_event_set(alloc, QI_CTRL_INSTR_AUTO) == DYNAMIC);
    qi_ctrl_event_set(write, QI_CTRL_INSTR_AUTO);
    CHECK("set auto without a function of that name",
          !qi_ctrl_event_set(exec, QI_CTRL_INSTR_AUTO));
    CHECK("set any function",
          qi_ctrl_event_set(exec, (void *)own_exec_tb) == DYNAMIC);
    CHECK("an event that is not selected cannot be set",
          !qi_ctrl_event_set(other, QI_CTRL_INSTR_NOP));
}

static void check_trace_state(void)
{
    QIEvent *other = qi_ctrl_event_id(QI_EVENT_MEMORY_REGION_OPS_READ);

    CHECK("tracing is off at first", !qi_trace_event_get_state_dynamic(other));
    qi_trace_event_set_state_dynamic(other, true);
    CHECK("tracing can be switched on",
          qi_trace_event_get_state_dynamic(other));
    qi_trace_event_set_state_dynamic(other, false);
    CHECK("tracing can be switched off",
          !qi_trace_event_get_state_dynamic(other));
}

void qi_init(int argc, const char **argv)
{
    fprintf(stderr, "ARGS %d", argc);
    for (int i = 0; i < argc; i++) {
        fprintf(stderr, " [%s]", argv[i]);
    }
    fprintf(stderr, "\n");
    CHECK("the arguments end with NULL", argv[argc] == NULL);
    check_enumeration();
    check_set();
    check_trace_state();
}

void qi_fini(void)
{
    CHECK("the callback found by name was called", ram_allocs > 0);
    CHECK("the inlined callback was called", api_writes == 1000);
    CHECK("the callback set by address was called", own_calls > 0);
    fprintf(stderr, "FINI\n");
}
