/*
 * Interface to the guest: which of its code fires events, and what a callback
 * can read of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef QEMU_INSTR_GUEST_H
#define QEMU_INSTR_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <qemu-instr/control.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * QIGuestRange:
 * @first: Virtual address of its first byte.
 * @last: Virtual address of its last byte.
 */
typedef struct QIGuestRange {
    uint64_t first;
    uint64_t last;
} QIGuestRange;

/**
 * QIGuestFilter:
 * @ranges: Where code is selected.
 * @n_ranges: Number of @ranges.
 * @symbols: Names of functions whose code is selected; '*' matches any text,
 *           '?' any character.
 * @n_symbols: Number of @symbols.
 * @one_in: The number of selected blocks of which one stays selected. The
 *          block's address decides, so that it is the same in every run. 0 and
 *          1: all of them.
 *
 * Code is selected if it is in one of @ranges or in one of @symbols. Without
 * any of both all code is.
 *
 * QEMU knows the functions of what it loads itself, with a symbol table: the
 * program of user mode (if there are @symbols when it is loaded, so from
 * qi_init() on; without libraries that the program loads), or an ELF file of
 * the options -kernel and -device loader.
 */
typedef struct QIGuestFilter {
    const QIGuestRange *ranges;
    size_t n_ranges;
    const char *const *symbols;
    size_t n_symbols;
    unsigned int one_in;
} QIGuestFilter;

/* Two functions below, for the library that has this qi_init(). */
void qi_guest_set_filter_by(QIInit *library, const QIGuestFilter *filter);
void qi_guest_sync_registers_by(QIInit *library, bool sync);

/**
 * qi_guest_set_filter:
 * @filter: Which code is to fire events, copied; NULL for all.
 *
 * Choose the code that fires guest_block_exec, guest_insn_exec and
 * guest_mem_access. Other code is translated as if these events had no
 * callback, so that it does not pay for them. A block ends where the selection
 * by @ranges and @symbols does. An access of an interrupt or exception counts
 * to the block before it.
 *
 * Can be called from qi_init() until qi_fini() has returned, by any thread and
 * by callbacks, except in the handler of a signal. Translated code is
 * discarded, which each CPU does when it next leaves its code. There is one
 * filter for all libraries, the last. It is removed when the library that set
 * it is unloaded.
 */
static inline void qi_guest_set_filter(const QIGuestFilter *filter)
{
    qi_guest_set_filter_by(qi_init, filter);
}

/*
 * What follows is about the CPU whose thread calls, so to be called by
 * callbacks of events that CPUs fire: all of those whose name begins with
 * "guest_". An access that these functions do fires no guest_mem_access.
 */

/**
 * qi_guest_cpu:
 *
 * Returns: The index of the CPU, -1 on a thread without a CPU.
 */
int qi_guest_cpu(void);

/**
 * qi_guest_read_memory:
 * @address: Virtual address.
 * @buffer: Where to put what is there.
 * @size: In bytes.
 *
 * Read memory of the guest as a debugger does, without regard to what the
 * guest's code may read. Of a device, that may change its state.
 *
 * Returns: Whether all of it could be read; if not, part of @buffer may be
 *          overwritten.
 */
bool qi_guest_read_memory(uint64_t address, void *buffer, size_t size);

/**
 * qi_guest_physical_address:
 * @address: Virtual address.
 * @physical: The address that it is mapped to.
 *
 * Returns: Whether it is mapped. Never in user mode.
 */
bool qi_guest_physical_address(uint64_t address, uint64_t *physical);

/**
 * qi_guest_is_io:
 * @address: Virtual address.
 *
 * Returns: Whether loads from there read a device, not memory. Never in user
 *          mode.
 */
bool qi_guest_is_io(uint64_t address);

/**
 * qi_guest_sync_registers:
 * @sync: Whether callbacks of guest_insn_exec read registers.
 *
 * Have translated code write the registers that it keeps in the host's ones
 * before it fires guest_insn_exec, which makes that slower. For other events
 * they are always written. To be called under the conditions of
 * qi_guest_set_filter(). It is so while one of the libraries wants it.
 */
static inline void qi_guest_sync_registers(bool sync)
{
    qi_guest_sync_registers_by(qi_init, sync);
}

/**
 * qi_guest_register:
 * @name: As in GDB, for example "rax". In QEMU 7.2 one of those that GDB's
 *        description of the CPU calls core registers.
 *
 * Returns: The number of the register, -1 if the CPU does not have it.
 */
int qi_guest_register(const char *name);

/**
 * qi_guest_read_register:
 * @number: From qi_guest_register().
 * @buffer: Where to put its value, in the guest's byte order.
 * @size: Of @buffer.
 *
 * Within guest_block_exec all are as the block finds them. Within
 * guest_insn_exec and guest_mem_access, the program counter and what the
 * translator leaves for later (the arithmetic flags of x86) are older; an
 * instruction may write its other registers after its accesses.
 *
 * Returns: The size of the register in bytes; 0 if it cannot be read or is
 *          larger than @size.
 */
size_t qi_guest_read_register(int number, void *buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif /* QEMU_INSTR_GUEST_H */
