/*
 * Trace instrumentation: a guest that does known accesses and system calls.
 *
 * Between two system calls that write 64 bytes it loads from and stores to what
 * the first of them has written: 20 times each size, all values different. Runs
 * by itself, too.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <stdint.h>
#include <unistd.h>

#define TIMES 20

static union {
    /* without the NUL */
    char text[64];
    volatile uint8_t bytes[64]; /* each access is done */
    volatile uint16_t halves[32]; /* each access is done */
    volatile uint32_t words[16]; /* each access is done */
} buffer = {
    "The buffer whose accesses are counted from here to the next one\n"
};
static const char end[64] =
    "Another buffer, of the same size, which ends the counting of it\n";

static int probe(void)
{
    unsigned int sum = 0;

    for (unsigned int i = 0; i < TIMES; i++) {
        buffer.bytes[1] = 0x80 + i;
        sum += buffer.bytes[1];
        buffer.halves[1] = 0x8000 + i;
        sum += buffer.halves[1];
        buffer.words[1] = 0x80000000 + i;
        sum += buffer.words[1];
    }
    return sum == TIMES * 0x8080 + 3 * TIMES * (TIMES - 1) / 2 ? 0 : 1;
}

int main(void)
{
    int result;

    if (write(1, buffer.text, sizeof(buffer.text)) != sizeof(buffer.text)) {
        return 2;
    }
    result = probe();
    if (write(1, end, sizeof(end)) != sizeof(end)) {
        return 2;
    }
    return result;
}
