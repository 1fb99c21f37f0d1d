/*
 * matmult SIZE: multiplies two SIZE x SIZE integer matrices and checks the
 * product by Freivalds' method (Freivalds 1977): C r == A (B r) for random r.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint32_t state = 12345;

static uint32_t next(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static void times_vector(const uint32_t *m, const uint32_t *v, uint32_t *out,
                         size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = 0;
        for (size_t j = 0; j < n; j++) {
            out[i] += m[i * n + j] * v[j];
        }
    }
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;

    if (n == 0) {
        fprintf(stderr, "usage: matmult SIZE\n");
        return 2;
    }
    uint32_t *a = malloc(n * n * sizeof(*a)), *b = malloc(n * n * sizeof(*b));
    uint32_t *c = calloc(n * n, sizeof(*c)), *v = malloc(4 * n * sizeof(*v));

    for (size_t i = 0; i < n * n; i++) {
        a[i] = next();
        b[i] = next();
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            uint32_t factor = a[i * n + k];
            for (size_t j = 0; j < n; j++) {
                c[i * n + j] += factor * b[k * n + j];
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        v[i] = next();
    }
    times_vector(c, v, v + n, n);
    times_vector(b, v, v + 2 * n, n);
    times_vector(a, v + 2 * n, v + 3 * n, n);
    for (size_t i = 0; i < n; i++) {
        if (v[n + i] != v[3 * n + i]) {
            fprintf(stderr, "matmult: wrong product in row %zu\n", i);
            return 1;
        }
    }
    printf("QIBENCH work.operations=%zu operations\n", n * n * n);
    return 0;
}
