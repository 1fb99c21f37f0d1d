/*
 * What a program printed, up to a limit.
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QIBENCH_OUTPUT_H
#define QIBENCH_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "region.h"

/*
 * The program's output: a head of half bytes, then a ring of half that holds
 * the newest.
 */
typedef struct Output {
    char *head, *ring;
    size_t half;
    uint64_t total;
    Region region;          /* whose marks are searched while it is read */
} Output;

/* Pieces of the output in the order in which they are forwarded. */
typedef struct Piece {
    const char *data;
    size_t len;
} Piece;

/* Returns how many of the pieces are filled. */
int output_pieces(const Output *out, Piece pieces[4]);

/*
 * Reads at most one buffer, since a program that never stops writing must not
 * keep us. True if there was any; closes the descriptor at the end.
 */
bool output_read(Output *out, int *fd);

#endif
