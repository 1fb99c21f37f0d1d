/*
 * Keeps the beginning and the end of an output (output.h).
 *
 * Copyright the qibench authors. SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "output.h"

static void output_append(Output *out, const char *data, size_t len)
{
    while (len > 0) {
        size_t at = out->total % out->half;
        size_t n = len < out->half - at ? len : out->half - at;

        memcpy((out->total < out->half ? out->head : out->ring) + at, data, n);
        out->total += n;
        data += n;
        len -= n;
    }
}

int output_pieces(const Output *out, Piece pieces[4])
{
    static const char mark[] = "\n[qibench: output cut here]\n";
    size_t half = out->half, at = half == 0 ? 0 : out->total % half, skipped;
    Piece old = { out->ring + at, half - at }, new = { out->ring, at };
    const char *line;

    if (out->total <= 2 * half) {
        pieces[0] = (Piece){ out->head, out->total < half ? out->total : half };
        pieces[1] =
            (Piece){ out->ring, out->total < half ? 0 : out->total - half };
        return 2;
    }
    /*
     * Whole lines only: half of one could pass for a metric of another value or
     * unit.
     */
    line = memrchr(out->head, '\n', half);
    pieces[0] =
        (Piece){ out->head, line == NULL ? half : (size_t)(line - out->head) };
    pieces[1] = (Piece){ mark, sizeof(mark) - 1 };
    line = memchr(old.data, '\n', old.len);
    if (line != NULL) {
        skipped = (size_t)(line + 1 - old.data);
        old = (Piece){ old.data + skipped, old.len - skipped };
    } else {
        line = memchr(new.data, '\n', new.len);
        skipped = line == NULL ? 0 : (size_t)(line + 1 - new.data);
        old.len = line == NULL ? old.len : 0;
        new = (Piece){ new.data + skipped, new.len - skipped };
    }
    pieces[2] = old;
    pieces[3] = new;
    return 4;
}

bool output_read(Output *out, int *fd)
{
    static char buffer[65536];
    ssize_t n = read(*fd, buffer, sizeof(buffer));

    if (n > 0) {
        region_search(&out->region, buffer, (size_t)n);
        output_append(out, buffer, (size_t)n);
        return true;
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close(*fd);
        *fd = -1;               /* poll and read ignore it from now on */
    }
    return false;
}
