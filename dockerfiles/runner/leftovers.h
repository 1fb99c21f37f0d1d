/*
 * What a run left in its container for the next one to find. See the head of qibench-run.c for
 * what can be left at all.
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QIBENCH_LEFTOVERS_H
#define QIBENCH_LEFTOVERS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Takes note of how things are before the first run. False if the root can be written, where
 * nothing would be found.
 */
bool leftovers_begin(void);

/* Ends every other process of the container, and says how many still ran. We have to be process 1. */
int end_all_processes(void);

/*
 * Describes what differs from the beginning, "2 processes, 1 file in /tmp", without characters
 * that JSON would escape; empty for nothing.
 */
void leftovers_find(int processes, char *text, size_t size);

#endif
