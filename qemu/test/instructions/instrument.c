/*
 * Conformance: events of instructions, exceptions and interrupts. Prints the
 * exceptions and interrupts, how many instructions there were, how often those
 * of the guest exceptions.s ran, and a register that one of them has set.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>
#include <qemu-instr/guest.h>

#define FIRST 0xf0000
#define SIZE 0x100
/* behind an instruction that sets %ebx, which this one does again */
#define AFTER_EBX 0xf007b

static uint64_t instructions, in_blocks, at[SIZE], ebx;

void qi_event_guest_block_exec(unsigned int cpu, uint64_t pc,
                               unsigned int count)
{
    (void)cpu, (void)pc;
    in_blocks += count;
}

void qi_event_guest_insn_exec(unsigned int cpu, uint64_t pc)
{
    (void)cpu;
    instructions++;
    if (pc - FIRST < SIZE) {
        at[pc - FIRST]++;
    }
    if (pc == AFTER_EBX) {
        qi_guest_read_register(qi_guest_register("rbx"), &ebx, sizeof(ebx));
    }
}

void qi_event_guest_exception(unsigned int cpu, int number, uint64_t from,
                              uint64_t to)
{
    fprintf(stderr, "EXCEPTION %u %d 0x%" PRIx64 " 0x%" PRIx64 "\n", cpu,
            number, from, to);
}

void qi_event_guest_interrupt(unsigned int cpu, uint32_t request,
                              uint64_t from, uint64_t to)
{
    fprintf(stderr, "INTERRUPT %u %" PRIu32 " 0x%" PRIx64 " 0x%" PRIx64 "\n",
            cpu, request, from, to);
}

void qi_init(int argc, const char **argv)
{
    QIEvent *ev = NULL;

    (void)argc, (void)argv;
    qi_guest_sync_registers(true);
    while (qi_ctrl_dynamic() && (ev = qi_ctrl_event_pattern("*", ev))) {
        if (qi_ctrl_event_is_available(ev)) {
            qi_ctrl_event_set(ev, QI_CTRL_INSTR_AUTO);
        }
    }
}

void qi_fini(void)
{
    fprintf(stderr, "INSTRUCTIONS %" PRIu64 " of %" PRIu64 "\n", instructions,
            in_blocks);
    fprintf(stderr, "EBX 0x%" PRIx64 "\n", ebx);
    for (int i = 0; i < SIZE; i++) {
        if (at[i] > 0) {
            fprintf(stderr, "AT 0x%x %" PRIu64 "\n", FIRST + i, at[i]);
        }
    }
}
