/*
 * Trace instrumentation: the library for tests/tcg/multiarch/instrument-probe.c
 *
 * Sums up the accesses to the guest's buffer, whose address it learns from the
 * system call that writes it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <qemu-instr/control.h>

#define BUFFER_SIZE 64
#define MAX_SIZE 4

typedef struct Sum {
    unsigned int accesses;
    uint64_t values;
} Sum;

static Sum sums[2][MAX_SIZE + 1];
static uint64_t buffer;
static unsigned int writes, written;
static uint64_t blocks, instructions;

static void on_syscall_enter(unsigned int cpu, int64_t number, uint64_t a1,
                             uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
                             uint64_t a6, uint64_t a7, uint64_t a8)
{
    if (a1 == 1 && a3 == BUFFER_SIZE) {
        buffer = writes++ == 0 ? a2 : 0;
    }
}

static void on_syscall_return(unsigned int cpu, int64_t number,
                              int64_t result)
{
    if (result == BUFFER_SIZE) {
        written++;
    }
}

static void on_block_exec(unsigned int cpu, uint64_t pc,
                          unsigned int count)
{
    if (buffer) {
        blocks++;
        instructions += count;
    }
}

static void on_mem_access(unsigned int cpu, uint64_t address, uint64_t value,
                          unsigned int size, bool store, uint64_t high)
{
    if (buffer && address >= buffer && address < buffer + BUFFER_SIZE
        && size <= MAX_SIZE) {
        sums[store][size].accesses++;
        sums[store][size].values += value;
    }
}

void qi_init(int argc, const char **argv)
{
    static const struct {
        QIEventID event;
        void *callback;
    } wanted[] = {
        { QI_EVENT_GUEST_BLOCK_EXEC, (void *)on_block_exec },
        { QI_EVENT_GUEST_MEM_ACCESS, (void *)on_mem_access },
        { QI_EVENT_GUEST_SYSCALL_ENTER, (void *)on_syscall_enter },
        { QI_EVENT_GUEST_SYSCALL_RETURN, (void *)on_syscall_return },
    };

    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (!qi_ctrl_event_set(qi_ctrl_event_id(wanted[i].event),
                               wanted[i].callback)) {
            qi_ctrl_fail_init("it needs guest_block_exec, guest_mem_access, "
                              "guest_syscall_enter and guest_syscall_return");
        }
    }
}

void qi_fini(void)
{
    printf("\n%u writes began, %u ended\n", writes, written);
    for (int size = 1; size <= MAX_SIZE; size *= 2) {
        for (int store = 0; store < 2; store++) {
            printf("%u %s of size %d, sum of values 0x%" PRIx64 "\n",
                   sums[store][size].accesses, store ? "stores" : "loads",
                   size, sums[store][size].values);
        }
    }
    printf("blocks: %s\n", blocks > 0 && instructions >= blocks ? "yes" : "no");
    fflush(stdout);
}
