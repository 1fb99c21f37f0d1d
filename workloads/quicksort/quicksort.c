/*
 * quicksort LENGTH: sorts LENGTH pseudo-random integers with our own
 * quicksort; checks that the result is ordered and has the same sum and
 * exclusive-or as the input.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void sort(uint32_t *v, ptrdiff_t low, ptrdiff_t high)
{
    while (low < high) {
        uint32_t pivot = v[low + (high - low) / 2];
        ptrdiff_t i = low, j = high;

        while (i <= j) {
            while (v[i] < pivot) {
                i++;
            }
            while (v[j] > pivot) {
                j--;
            }
            if (i <= j) {
                uint32_t t = v[i];
                v[i++] = v[j];
                v[j--] = t;
            }
        }
        /* Recurse into the smaller part: the stack stays logarithmic. */
        if (j - low < high - i) {
            sort(v, low, j);
            low = i;
        } else {
            sort(v, i, high);
            high = j;
        }
    }
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    uint32_t state = 2463534242u, parity = 0;
    uint64_t sum = 0;

    if (n == 0) {
        fprintf(stderr, "usage: quicksort LENGTH\n");
        return 2;
    }
    uint32_t *v = malloc(n * sizeof(*v));

    for (size_t i = 0; i < n; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        v[i] = state;
        sum += state;
        parity ^= state;
    }
    sort(v, 0, (ptrdiff_t)n - 1);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && v[i - 1] > v[i]) {
            fprintf(stderr, "quicksort: not in order at %zu\n", i);
            return 1;
        }
        sum -= v[i];
        parity ^= v[i];
    }
    if (sum != 0 || parity != 0) {
        fprintf(stderr, "quicksort: not the numbers that went in\n");
        return 1;
    }
    printf("QIBENCH work.operations=%zu operations\n", n);
    return 0;
}
