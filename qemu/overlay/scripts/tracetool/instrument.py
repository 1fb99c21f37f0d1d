# -*- coding: utf-8 -*-
# SPDX-License-Identifier: GPL-2.0-or-later

"""
Trace instrumentation: replaces the body of an event's trace_X() by a call to
user code. See docs of the "instrument" property in trace-events.

The output formats call this module; it knows nothing about backends. The same
file serves every QEMU version: the part that differs between versions (how a
backend's code is emitted) is passed as a function argument.

Generated for every instrumented event X, beside the usual trace_X():

========================== ===================================================
qi_event_X                 the user's code (dynamic: in a loaded library;
                           static: linked in, or inlined from events-post.h)
qi_event_X_nop             does nothing
qi_event_X_trace           what trace_X() does without instrumentation
qemu_instr_X_cb            dynamic only: the callback, NULL stands for the nop
X_qi_each                  dynamic only: calls the code of several libraries,
                           or code with data
_backend__trace_X          static inline, the code of the backends
qi_fire_X                  trace_X() for Rust, in versions with Rust code
========================== ===================================================
"""

__license__ = "GPL version 2 or (at your option) any later version"


import os

from tracetool import out

# "none", "dynamic" or "static"; set by apply()
MODE = "none"

# Words of C++ that C allows as names of arguments
CPP_WORDS = set(
    "alignas alignof and and_eq asm bitand bitor bool catch char16_t char32_t "
    "char8_t class co_await co_return co_yield compl concept const_cast "
    "consteval constexpr constinit decltype delete dynamic_cast explicit "
    "export false friend mutable namespace new noexcept not not_eq nullptr "
    "operator or or_eq private protected public reinterpret_cast requires "
    "static_assert static_cast template this thread_local throw true try "
    "typeid typename using virtual wchar_t xor xor_eq".split()
)


def apply(events, filename):
    """Apply a group's selection file to the events of that group.

    The file is written by instrument/generate.py. Lines are 'mode NAME',
    '+PROPERTY EVENT' and '-PROPERTY EVENT'; an empty file changes nothing.
    """
    global MODE
    changes = {}
    with open(filename, "r") as fh:
        for line in fh:
            what, name = line.split()
            if what == "mode":
                MODE = name
            else:
                changes.setdefault(name, []).append((what[0], what[1:]))
    for event in events:
        for sign, prop in changes.get(event.name, []):
            props = [p for p in event.properties if p != prop]
            if sign == "+":
                props.append(prop)
            event.properties = props


def active(event):
    """Whether the event calls user code in this build."""
    return (
        MODE != "none"
        and "instrument" in event.properties
        and "disable" not in event.properties
    )


def arguments(event):
    """Arguments of the event, with names that are also possible in C++."""
    return type(event.args)(
        [
            (type_, name + "_" if name in CPP_WORDS else name)
            for type_, name in event.args
        ]
    )


def parameters(event):
    """Parameter list of the event in C and C++, without parentheses."""
    return str(arguments(event))


def _types(event):
    types = event.args.types()
    return ", ".join(types) if types else "void"


def _wanted(event):
    """Macro for instrument/state.h."""
    return "QI_WANTED_TRACE_%s" % event.name.upper()


def _names(event):
    return ", ".join(event.args.names())


def declarations(event):
    """Declarations of an instrumented event's functions.

    Used by the public header and by the headers of the trace groups: a source
    may include both, hence the guard.
    """
    return [
        '#ifndef QI_DECLARED_%s' % event.name.upper(),
        '#define QI_DECLARED_%s 1' % event.name.upper(),
        '#if !defined(QI_TYPE_STATIC) || \\',
        '    !(defined(QI_EVENT_%s_INLINE) || defined(QI_EVENT_ALL_INLINE))'
        % event.name.upper(),
        'void qi_event_%s(%s);' % (event.name, parameters(event)),
        '#endif',
        'void qi_event_%s_nop(%s);' % (event.name, parameters(event)),
        'void qi_event_%s_trace(%s);' % (event.name, parameters(event)),
        '#endif',
    ]


def generate_h_begin(events):
    """Before all other code of the group's header."""
    if any(active(e) for e in events):
        out(
            '#include "instrument/qemu-instr/group-pre.h"',
            '#include "instrument/qemu-instr/config.h"',
            '#include "instrument/callback.h"',
            '#include "instrument/state.h"',
            '',
        )


def generate_h_declarations(events):
    """After the backends' declarations, before the first trace_X()."""
    selected = [e for e in events if active(e)]
    for e in selected:
        # for code that exists only where the event is instrumented
        out('#define QI_INSTRUMENTED_%s 1' % e.name.upper())
        if MODE == "dynamic":
            out(
                'extern void (*qemu_instr_%(name)s_cb)(%(types)s);',
                name=e.name,
                types=_types(e),
            )
        out(*declarations(e))
        if MODE == "static":
            # defined by events-post.h, which comes last
            out(
                '#if !defined(QI_POST_INCLUDED) && \\',
                '    (defined(QI_EVENT_%(upper)s_INLINE) || '
                'defined(QI_EVENT_ALL_INLINE))',
                'static inline void qi_event_%(name)s(%(args)s);',
                '#endif',
                upper=e.name.upper(),
                name=e.name,
                args=parameters(e),
            )


def generate_h_end(events):
    """After all other code of the group's header."""
    if any(active(e) for e in events):
        out('#include "instrument/qemu-instr/group-post.h"')


def generate_h(event, emit_backends, nocheck):
    """The functions and macros of one instrumented event.

    Parameters
    ----------
    emit_backends : function
        Writes the statements of all backends for this event.
    nocheck : bool
        Whether this QEMU has a _nocheck__trace_X() below trace_X().
    """
    if "vcpu" in event.properties:
        cond = "trace_event_get_vcpu_state(%s, TRACE_%s)" % (
            event.args.names()[0],
            event.name.upper(),
        )
    else:
        cond = "true"

    # call sites guarded by trace_event_get_state_backends() must reach us
    if MODE == "dynamic":
        state = (
            "__atomic_load_n(&qemu_instr_%s_cb, __ATOMIC_RELAXED)" % event.name
        )
        out(
            '',
            '#define %(api)s() ( \\',
            '    %(state)s != NULL || \\',
            '    false)',
            api=event.api(event.QEMU_BACKEND_DSTATE),
            state=state,
        )
    else:
        out(
            '',
            '#define %(api)s() ( \\',
            '    true)',
            api=event.api(event.QEMU_BACKEND_DSTATE),
        )

    out(
        '',
        'static inline void _backend__%(api)s(%(args)s)',
        '{',
        '    if (%(cond)s) {',
        api=event.api(),
        args=event.args,
        cond=cond,
    )
    emit_backends()
    out('    }', '}')

    # call sites guarded by trace_event_get_state() must reach us, too
    out(
        '',
        '#define %(wanted)s 0, %(api)s()',
        wanted=_wanted(event),
        api=event.api(event.QEMU_BACKEND_DSTATE),
    )

    api = event.api()
    if nocheck:
        api = event.api(event.QEMU_TRACE_NOCHECK)
    out(
        '',
        'static inline void%(cfi)s %(api)s(%(args)s)',
        '{',
        # the callback is not part of the executable
        cfi=" QEMU_DISABLE_CFI" if MODE == "dynamic" else "",
        api=api,
        args=event.args,
    )
    if MODE == "dynamic":
        # Prefixed, as events have arguments named cb. Read again, as what was
        # read before begin() may be unloaded by now.
        out(
            '    void (*qi_cb)(%(types)s) =',
            '        %(state)s;',
            '    if (__builtin_expect(qi_cb != NULL, 0)) {',
            '        unsigned qi_depth = qi_callback_begin();',
            '',
            '        qi_cb = %(acquire)s;',
            '        if (qi_cb != NULL) {',
            '            qi_cb(%(names)s);',
            '        }',
            '        qi_callback_end(qi_depth);',
            '    }',
            types=_types(event),
            state=state,
            names=_names(event),
            acquire=state.replace("RELAXED", "ACQUIRE"),
        )
    else:
        out(
            '    qi_event_%(name)s(%(names)s);',
            name=event.name,
            names=_names(event),
        )
    out('}')
    if nocheck:
        out(
            '',
            'static inline void %(api)s(%(args)s)',
            '{',
            '    %(api_nocheck)s(%(names)s);',
            '}',
            api=event.api(),
            args=event.args,
            api_nocheck=api,
            names=_names(event),
        )


def generate_rs(event):
    """The body of an instrumented event's trace_X() in Rust.

    The C function has it all: the callback, or inlined user code.
    """
    out(
        '    extern "C" { fn qi_fire_%(name)s(%(decl)s); }',
        '    unsafe { qi_fire_%(name)s(%(call)s); }',
        name=event.name,
        decl=event.args.rust_decl_extern(),
        call=event.args.rust_call_extern(),
    )


def generate_c_begin(events):
    """Before the code of the backends: some depends on the event's state."""
    for e in events:
        if active(e):
            out('#undef %s' % _wanted(e))


def generate_c(events, group):
    """Callbacks and their registration, at the end of the group's source."""
    selected = [e for e in events if active(e)]
    if not selected:
        return

    out('', '#include "instrument/hooks.h"', '')
    for e in selected:
        if MODE == "dynamic":
            out(
                'void (*qemu_instr_%(name)s_cb)(%(types)s);',
                name=e.name,
                types=_types(e),
            )
        out(
            'void qi_event_%(name)s_nop(%(args)s)',
            '{',
            '}',
            'void qi_event_%(name)s_trace(%(args)s)',
            '{',
            '    _backend__%(api)s(%(names)s);',
            '}',
            name=e.name,
            args=e.args,
            api=e.api(),
            names=_names(e),
        )
        if MODE == "dynamic":
            out(
                'static QICall %(name)s_qi_calls[QI_MAX_LIBRARIES];',
                'static QEMU_DISABLE_CFI void %(name)s_qi_each(%(args)s)',
                '{',
                '    for (size_t qi_i = 0; qi_i < QI_MAX_LIBRARIES; qi_i++) {',
                '        QICall qi_call =',
                '            qi_call_read(&%(name)s_qi_calls[qi_i]);',
                '',
                '        if (qi_call.function && qi_call.with_data) {',
                '            ((void (*)(%(data_types)s))qi_call.function)',
                '                (%(data_names)s);',
                '        } else if (qi_call.function) {',
                '            ((void (*)(%(types)s))qi_call.function)',
                '                (%(names)s);',
                '        }',
                '    }',
                '}',
                name=e.name,
                args=e.args,
                types=_types(e),
                names=_names(e),
                data_types=", ".join(e.args.types() + ["void *"]),
                data_names=", ".join(e.args.names() + ["qi_call.data"]),
            )
        if hasattr(e.args, "rust_decl_extern"):
            out(
                'void qi_fire_%(name)s(%(args)s);',
                'void qi_fire_%(name)s(%(args)s)',
                '{',
                '    %(api)s(%(names)s);',
                '}',
                name=e.name,
                args=e.args,
                api=e.api(),
                names=_names(e),
            )

    out('static QIHook %(group)s_qi_hooks[] = {', group=group.lower())
    for e in selected:
        out(
            '    {',
            '        .event = &%(event)s,',
            '        .nop = (void *)qi_event_%(name)s_nop,',
            '        .trace = (void *)qi_event_%(name)s_trace,',
            event=e.api(e.QEMU_EVENT),
            name=e.name,
        )
        if MODE == "dynamic":
            out(
                '        .callback = (void **)&qemu_instr_%(name)s_cb,',
                '        .calls = %(name)s_qi_calls,',
                '        .each = (void *)%(name)s_qi_each,',
                name=e.name,
            )
        out('    },')
    out(
        '};',
        'static void trace_%(group)s_register_hooks(void)',
        '{',
        '    qi_hooks_register(%(group)s_qi_hooks,',
        '                      ARRAY_SIZE(%(group)s_qi_hooks));',
        '}',
        'trace_init(trace_%(group)s_register_hooks)',
        group=group.lower(),
    )


class KeepUnchanged:
    """Keep the time stamp of an output file written with the same content.

    Ninja then rebuilds nothing that depends on it (custom targets restat).
    """

    def __init__(self, filename):
        self._filename = filename
        try:
            with open(filename, "rb") as fh:
                self._before = fh.read()
            self._stat = os.stat(filename)
        except OSError:
            self._before = None

    def finish(self):
        if self._before is None:
            return
        with open(self._filename, "rb") as fh:
            if fh.read() == self._before:
                os.utime(
                    self._filename,
                    ns=(self._stat.st_atime_ns, self._stat.st_mtime_ns),
                )
