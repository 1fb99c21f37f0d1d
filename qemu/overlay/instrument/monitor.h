/*
 * Trace instrumentation: commands of the monitors.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef INSTRUMENT_MONITOR_H
#define INSTRUMENT_MONITOR_H

/* hmp-commands.hx asks for QI_TYPE_DYNAMIC */
#include "instrument/qemu-instr/config.h"

void hmp_instr_load(Monitor *mon, const QDict *qdict);
void hmp_instr_unload(Monitor *mon, const QDict *qdict);

#endif /* INSTRUMENT_MONITOR_H */
