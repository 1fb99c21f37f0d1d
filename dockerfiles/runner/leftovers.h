/*
 * Leftovers of a run in its container, which the next run could find. The head
 * of qibench-run.c lists all possible kinds.
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QIBENCH_LEFTOVERS_H
#define QIBENCH_LEFTOVERS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Records the state before the first run. False if the root is writable:
 * leftovers there would stay undetected.
 */
bool leftovers_begin(void);

/*
 * Ends every other process of the container, returns how many still ran. We
 * have to be process 1.
 */
int end_all_processes(void);

/*
 * Describes what differs from the beginning, "2 processes, 1 file in /tmp",
 * without characters that JSON would escape; empty for nothing.
 */
void leftovers_find(int processes, char *text, size_t size);

#endif
