/*
 * Trace instrumentation: the API behind qemu-instr/control.h and trace.h.
 *
 * Part of the tools as well as of the emulators, because both have instrumented
 * events. Code that loads libraries is in loader.c, which only emulators have.
 * Builds without instrumentation do not have this file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "trace/control.h"
#include "instrument/hooks.h"
#include "instrument/lock.h"
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

/* What qi_ctrl_alloc() has given, a list. */
typedef struct QIAllocation {
    struct QIAllocation *next;
} QIAllocation;

#define ALIGNMENT 64

/*
 * The place of a library. Under qi_lock(). It is free without an @init; the
 * library can set callbacks while there is a @resolve.
 */
typedef struct QILibrary {
    QIInit *init;
    void *(*resolve)(void *handle, const char *symbol);
    void *handle;
    QIAllocation *allocations;
} QILibrary;

static QILibrary libraries[QI_MAX_LIBRARIES];
static bool initialising;
static char *init_failure;

static void (*on_change)(TraceEvent *event);

/* Under qi_lock(). @init: NULL finds a free place. */
static QILibrary *find_library(QIInit *init)
{
    for (size_t i = 0; i < QI_MAX_LIBRARIES; i++) {
        if (libraries[i].init == init) {
            return &libraries[i];
        }
    }
    return NULL;
}

void qi_hooks_register(QIHook *hooks, size_t count)
{
    hook_groups = g_renew(QIHookGroup, hook_groups, n_hook_groups + 1);
    hook_groups[n_hook_groups].hooks = hooks;
    hook_groups[n_hook_groups].count = count;
    n_hook_groups++;
}

bool qi_hooks_open(QIInit *init,
                   void *(*resolve)(void *handle, const char *symbol),
                   void *handle)
{
    QILibrary *library;

    qi_lock();
    library = find_library(NULL);
    if (library) {
        library->init = init;
        library->resolve = resolve;
        library->handle = handle;
    }
    qi_unlock();
    return library != NULL;
}

void qi_hooks_on_change(void (*changed)(TraceEvent *event))
{
    on_change = changed;
}

/* Without qi_lock(): what follows a change is up to QEMU. */
static void report_change(QIHook *hook, void *before, void *after)
{
    if (on_change && before != after) {
        on_change(hook->event);
    }
}

/* Under qi_lock(). The stores are seen in this order. */
static void write_call(QICall *call, void *function, bool with_data, void *data)
{
    unsigned sequence = call->sequence;

    __atomic_store_n(&call->sequence, sequence + 1, __ATOMIC_RELAXED);
    __atomic_store_n(&call->with_data, with_data, __ATOMIC_RELEASE);
    __atomic_store_n(&call->function, function, __ATOMIC_RELEASE);
    __atomic_store_n(&call->data, data, __ATOMIC_RELEASE);
    __atomic_store_n(&call->sequence, sequence + 2, __ATOMIC_RELEASE);
}

/* Under qi_lock(). Returns one callback that stands for all of the calls. */
static void *all_calls(const QIHook *hook)
{
    void *function = NULL;

    for (size_t i = 0; i < QI_MAX_LIBRARIES; i++) {
        const QICall *call = &hook->calls[i];

        if (call->function) {
            if (function || call->with_data) {
                return hook->each;
            }
            function = call->function;
        }
    }
    return function;
}

/* Under qi_lock(). Returns the former callback of the event. */
static void *change_call(QIHook *hook, const QILibrary *library, void *function,
                         bool with_data, void *data)
{
    write_call(&hook->calls[library - libraries], function, with_data, data);
    return __atomic_exchange_n(hook->callback, all_calls(hook),
                               __ATOMIC_ACQ_REL);
}

static void remove_call(QIHook *hook, const QILibrary *library)
{
    void *before, *after;

    qi_lock();
    before = change_call(hook, library, NULL, false, NULL);
    after = *hook->callback;
    qi_unlock();
    report_change(hook, before, after);
}

void qi_hooks_close(QIInit *init)
{
    QILibrary *library;

    qi_lock();
    library = find_library(init);
    if (library) {
        library->resolve = NULL;
    }
    qi_unlock();
    /* from here on the library's callbacks are ours */
    for (size_t g = 0; library && g < n_hook_groups; g++) {
        for (size_t i = 0; i < hook_groups[g].count; i++) {
            QIHook *hook = &hook_groups[g].hooks[i];

            if (hook->callback
                && hook->calls[library - libraries].function) {
                remove_call(hook, library);
            }
        }
    }
}

void qi_hooks_release(QIInit *init, bool unused)
{
    QIAllocation *allocation = NULL;
    QILibrary *library;

    qi_lock();
    library = find_library(init);
    if (library) {
        allocation = library->allocations;
        *library = (QILibrary) { NULL };
    }
    qi_unlock();
    while (allocation && unused) {
        QIAllocation *next = allocation->next;

        g_free(allocation);
        allocation = next;
    }
}

char *qi_hooks_end_init(void)
{
    char *failure;

    qi_lock();
    initialising = false;
    failure = init_failure;
    init_failure = NULL;
    qi_unlock();
    return failure;
}

void qi_ctrl_fail_init(const char *reason)
{
    char *unused = g_strdup(reason);

    qi_lock();
    if (initialising) {
        char *before = init_failure;

        init_failure = unused;
        unused = before;
    }
    qi_unlock();
    g_free(unused);
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

void qi_hooks_begin_init(void)
{
    /* not later, when a thread may fork while another builds it */
    event_table();
    qi_lock();
    initialising = true;
    qi_unlock();
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

/* Replaces a symbolic @callback: false if the library lacks the function. */
static bool find_callback(QIInit *init, QIEvent *ev, void **callback)
{
    if (*callback == QI_CTRL_INSTR_TRACE) {
        *callback = ev->hook->trace;
    } else if (*callback == ev->hook->nop) {
        *callback = QI_CTRL_INSTR_NOP;
    } else if (*callback == QI_CTRL_INSTR_AUTO) {
        g_autofree char *symbol = g_strdup_printf("qi_event_%s", ev->name);
        QILibrary *library, copy = { NULL };

        qi_lock();
        library = find_library(init);
        if (library) {
            copy = *library;
        }
        qi_unlock();
        /* the library stays, as it is its code that calls us */
        *callback = copy.resolve ? copy.resolve(copy.handle, symbol) : NULL;
        return *callback != NULL;
    }
    return true;
}

static bool set_callback(QIInit *init, QIHook *hook, void *function,
                         bool with_data, void *data)
{
    void *before = NULL, *after = NULL;
    QILibrary *library;
    bool set;

    qi_lock();
    library = find_library(init);
    set = library && library->resolve;
    if (set) {
        before = change_call(hook, library, function, with_data, data);
        after = *hook->callback;
    }
    qi_unlock();
    report_change(hook, before, after);
    return set;
}

bool qi_ctrl_event_set_by(QIInit *library, QIEvent *ev, void *callback)
{
    return ev->hook && ev->hook->callback
        && find_callback(library, ev, &callback)
        && set_callback(library, ev->hook, callback, false, NULL);
}

bool qi_ctrl_event_set_data_by(QIInit *library, QIEvent *ev, void *callback,
                               void *data)
{
    return ev->hook && ev->hook->callback
        && callback != QI_CTRL_INSTR_NOP && callback != QI_CTRL_INSTR_AUTO
        && callback != QI_CTRL_INSTR_TRACE
        && set_callback(library, ev->hook, callback, true, data);
}

void *qi_ctrl_alloc_by(QIInit *init, size_t size)
{
    /* not qemu_memalign(), which is an event */
    QIAllocation *allocation = g_malloc0(sizeof(*allocation) + ALIGNMENT
                                         + size);
    QILibrary *library;

    qi_lock();
    library = find_library(init);
    /* a static library has no place before qi_init(), nor in tools */
    if (library) {
        allocation->next = library->allocations;
        library->allocations = allocation;
    }
    qi_unlock();
    return (void *)QEMU_ALIGN_UP((uintptr_t)(allocation + 1), ALIGNMENT);
}

bool qi_trace_event_get_state_dynamic(QIEvent *ev)
{
    return ev->event && trace_event_get_state_static(ev->event)
        && trace_event_get_state_dynamic(ev->event);
}

void qi_trace_event_set_state_dynamic(QIEvent *ev, bool state)
{
    if (!ev->event || !trace_event_get_state_static(ev->event)) {
        return;
    }
#if QEMU_VERSION_MAJOR < 8
    /* events of a CPU: QEMU queues work there, so that others may be set */
    if (trace_event_is_vcpu(ev->event)) {
        trace_event_set_state_dynamic(ev->event, state);
        return;
    }
#endif
    /* for all others it sets two variables */
    qi_lock();
    trace_event_set_state_dynamic(ev->event, state);
    qi_unlock();
}
