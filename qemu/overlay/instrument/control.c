/*
 * Trace instrumentation: the API behind qemu-instr/control.h and trace.h.
 *
 * Part of the tools as well as of the emulators, because both have instrumented
 * events. Code that loads libraries is in loader.c, which only emulators have.
 *
 * This work is licensed under the terms of the GNU GPL, version 2 or later.
 * See the COPYING file in the top-level directory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "trace/control.h"
#include "instrument/hooks.h"
#include "qemu-instr/control.h"
#include "qemu-instr/trace.h"

struct QIEvent {
    const char *name;
    /* NULL if this program does not have the event */
    TraceEvent *event;
    /* NULL if the event is not instrumented */
    QIHook *hook;
};

typedef struct QIHookGroup {
    QIHook *hooks;
    size_t count;
} QIHookGroup;

static const char *const event_names[] = {
#include "instrument/qemu-instr/event-names.c.inc"
};

static QIHookGroup *hook_groups;
static size_t n_hook_groups;

/* Callbacks are set while a library is loaded, by any of its threads. */
static pthread_mutex_t set_lock = PTHREAD_MUTEX_INITIALIZER;
static void *(*resolve_symbol)(const char *symbol);
static char *init_failure;
static void (*on_change)(TraceEvent *event);

void qi_hooks_register(QIHook *hooks, size_t count)
{
    hook_groups = g_renew(QIHookGroup, hook_groups, n_hook_groups + 1);
    hook_groups[n_hook_groups].hooks = hooks;
    hook_groups[n_hook_groups].count = count;
    n_hook_groups++;
}

/* A guest of user mode may fork while another of its threads has the lock. */
static void lock_for_fork(void)
{
    pthread_mutex_lock(&set_lock);
}

static void unlock_after_fork(void)
{
    pthread_mutex_unlock(&set_lock);
}

void qi_hooks_open(void *(*resolve)(const char *symbol))
{
    static bool fork_prepared;

    if (!fork_prepared) {
        fork_prepared = true;
        pthread_atfork(lock_for_fork, unlock_after_fork, unlock_after_fork);
    }
    pthread_mutex_lock(&set_lock);
    resolve_symbol = resolve;
    pthread_mutex_unlock(&set_lock);
}

void qi_hooks_on_change(void (*changed)(TraceEvent *event))
{
    on_change = changed;
}

static void store_callback(QIHook *hook, void *callback)
{
    void *before = __atomic_exchange_n(hook->callback, callback,
                                       __ATOMIC_ACQ_REL);

    if (on_change && !before != !callback) {
        on_change(hook->event);
    }
}

void qi_hooks_close(void)
{
    pthread_mutex_lock(&set_lock);
    resolve_symbol = NULL;
    for (size_t g = 0; g < n_hook_groups; g++) {
        for (size_t i = 0; i < hook_groups[g].count; i++) {
            if (hook_groups[g].hooks[i].callback) {
                store_callback(&hook_groups[g].hooks[i], NULL);
            }
        }
    }
    pthread_mutex_unlock(&set_lock);
}

void qi_ctrl_fail_init(const char *reason)
{
    g_free(init_failure);
    init_failure = g_strdup(reason);
}

char *qi_hooks_take_init_failure(void)
{
    return g_steal_pointer(&init_failure);
}

/*
 * The table of all events, built on first use: QEMU numbers its events at run
 * time and an executable has only some of those in the sources.
 */
static QIEvent *event_table(void)
{
    static QIEvent *table;

    if (g_once_init_enter(&table)) {
        QIEvent *events = g_new0(QIEvent, QI_EVENT__COUNT);
        GHashTable *by_name = g_hash_table_new(g_str_hash, g_str_equal);
        TraceEventIter iter;
        TraceEvent *ev;

        for (size_t i = 0; i < ARRAY_SIZE(event_names); i++) {
            events[i].name = event_names[i];
            g_hash_table_insert(by_name, (void *)event_names[i], &events[i]);
        }
        trace_event_iter_init_all(&iter);
        while ((ev = trace_event_iter_next(&iter)) != NULL) {
            QIEvent *event = g_hash_table_lookup(by_name,
                                                 trace_event_get_name(ev));
            if (event) {
                event->event = ev;
            }
        }
        for (size_t g = 0; g < n_hook_groups; g++) {
            for (size_t i = 0; i < hook_groups[g].count; i++) {
                QIHook *hook = &hook_groups[g].hooks[i];
                QIEvent *event =
                    g_hash_table_lookup(by_name,
                                        trace_event_get_name(hook->event));
                if (event) {
                    event->hook = hook;
                }
            }
        }
        g_hash_table_unref(by_name);
        g_once_init_leave(&table, events);
    }
    return table;
}

bool qi_ctrl_dynamic(void)
{
#ifdef QI_TYPE_DYNAMIC
    return true;
#else
    return false;
#endif
}

QIEvent *qi_ctrl_event_id(QIEventID id)
{
    return (unsigned)id < QI_EVENT__COUNT ? &event_table()[id] : NULL;
}

QIEvent *qi_ctrl_event_pattern(const char *pattern, QIEvent *ev)
{
    QIEvent *table = event_table();

    for (ev = ev ? ev + 1 : table; ev < table + QI_EVENT__COUNT; ev++) {
        if (g_pattern_match_simple(pattern, ev->name)) {
            return ev;
        }
    }
    return NULL;
}

const char *qi_ctrl_event_get_name(QIEvent *ev)
{
    return ev->name;
}

QIEventID qi_ctrl_event_get_id(QIEvent *ev)
{
    return ev - event_table();
}

bool qi_ctrl_event_is_available(QIEvent *ev)
{
    return ev->hook != NULL;
}

static bool set_callback(QIEvent *ev, void *callback)
{
    QIHook *hook = ev->hook;

    if (callback == QI_CTRL_INSTR_TRACE) {
        callback = hook->trace;
    } else if (callback == QI_CTRL_INSTR_AUTO) {
        g_autofree char *symbol = g_strdup_printf("qi_event_%s", ev->name);

        callback = resolve_symbol(symbol);
        if (!callback) {
            return false;
        }
    } else if (callback == hook->nop) {
        callback = QI_CTRL_INSTR_NOP;
    }
    store_callback(hook, callback);
    return true;
}

bool qi_ctrl_event_set(QIEvent *ev, void *callback)
{
    bool set = false;

    if (!ev->hook || !ev->hook->callback) {
        return false;
    }
    pthread_mutex_lock(&set_lock);
    if (resolve_symbol) {
        set = set_callback(ev, callback);
    }
    pthread_mutex_unlock(&set_lock);
    return set;
}

bool qi_trace_event_get_state_dynamic(QIEvent *ev)
{
    return ev->event && trace_event_get_state_static(ev->event)
        && trace_event_get_state_dynamic(ev->event);
}

void qi_trace_event_set_state_dynamic(QIEvent *ev, bool state)
{
    /* recursive: changing the state of an event can itself be traced */
    static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

    if (!ev->event || !trace_event_get_state_static(ev->event)) {
        return;
    }
    pthread_mutex_lock(&lock);
    trace_event_set_state_dynamic(ev->event, state);
    pthread_mutex_unlock(&lock);
}
