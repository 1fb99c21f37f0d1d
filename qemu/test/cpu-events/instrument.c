/*
 * Conformance: prints the events of virtual processors.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>

void qi_event_guest_cpu_start(unsigned int cpu)
{
    fprintf(stderr, "CPU %u START\n", cpu);
}

void qi_event_guest_cpu_stop(unsigned int cpu)
{
    fprintf(stderr, "CPU %u STOP\n", cpu);
}

void qi_event_guest_cpu_idle(unsigned int cpu)
{
    fprintf(stderr, "CPU %u IDLE\n", cpu);
}

void qi_event_guest_cpu_resume(unsigned int cpu)
{
    fprintf(stderr, "CPU %u RESUME\n", cpu);
}

void qi_init(int argc, const char **argv)
{
    QIEvent *ev = NULL;

    (void)argc, (void)argv;
    while (qi_ctrl_dynamic() && (ev = qi_ctrl_event_pattern("*", ev))) {
        if (qi_ctrl_event_is_available(ev)) {
            qi_ctrl_event_set(ev, QI_CTRL_INSTR_AUTO);
        }
    }
}

void qi_fini(void)
{
}
