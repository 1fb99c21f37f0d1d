/*
 * Conformance: what callbacks read of the guest. Prints the accesses of the
 * guest memory.s to 0x1000 that were found right, the first access to a device,
 * and what the first write() of a program of user mode writes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>
#include <qemu-instr/guest.h>

#define SYS_WRITE 1

static unsigned in_memory, in_register, physical, refused;

static uint64_t read_register(const char *name)
{
    uint64_t value = 0;
    size_t size = qi_guest_read_register(qi_guest_register(name), &value,
                                         sizeof(value));

    return size == sizeof(value) ? value : -1;
}

static void check(uint64_t address, uint64_t value, unsigned int size)
{
    uint64_t found = 0, at;

    in_memory += qi_guest_read_memory(address, &found, size) && found == value;
    physical += qi_guest_physical_address(address, &at) && at == address;
    refused += qi_guest_register("none") == -1
        && qi_guest_read_register(-1, &found, sizeof(found)) == 0
        && qi_guest_read_register(qi_guest_register("rbx"), &found, 4) == 0;
    if (size == 1) {
        /* loaded by the instruction before */
        in_register += (read_register("rbx") & 0xff) == value;
    }
}

#ifdef QI_DECLARED_GUEST_MEM_ACCESS
void qi_event_guest_mem_access(unsigned int cpu, uint64_t address,
                               uint64_t value, unsigned int size, bool store,
                               uint64_t high)
{
    static bool seen;

    (void)store, (void)high;
    if (address == 0x1000) {
        check(address, value, size);
    } else if (!seen && qi_guest_is_io(address)) {
        seen = true;
        fprintf(stderr, "IO of CPU %u %d at 0x%" PRIx64 "\n", cpu,
                qi_guest_cpu(), address);
    }
}
#endif

#ifdef QI_DECLARED_GUEST_SYSCALL_ENTER
void qi_event_guest_syscall_enter(unsigned int cpu, int64_t number,
                                  uint64_t a1, uint64_t a2, uint64_t a3,
                                  uint64_t a4, uint64_t a5, uint64_t a6,
                                  uint64_t a7, uint64_t a8)
{
    char text[80] = "";
    uint64_t at;

    (void)cpu, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
    if (number == SYS_WRITE && a3 < sizeof(text)) {
        fprintf(stderr, "WRITE %d %s", qi_guest_read_memory(a2, text, a3),
                text);
        fprintf(stderr, "TO %d, by registers %d %d, unmapped %d, physical %d\n",
                (int)a1, read_register("rdi") == a1,
                read_register("rdx") == a3, qi_guest_read_memory(8, text, 1),
                qi_guest_physical_address(a2, &at));
    }
}
#endif

void qi_init(int argc, const char **argv)
{
    QIEvent *ev = NULL;
    char byte;

    (void)argc, (void)argv;
    fprintf(stderr, "NO CPU %d, memory %d, register %d\n", qi_guest_cpu(),
            qi_guest_read_memory(0x1000, &byte, 1), qi_guest_register("rax"));
    while (qi_ctrl_dynamic() && (ev = qi_ctrl_event_pattern("*", ev))) {
        if (qi_ctrl_event_is_available(ev)) {
            qi_ctrl_event_set(ev, QI_CTRL_INSTR_AUTO);
        }
    }
}

void qi_fini(void)
{
    fprintf(stderr, "MEMORY %u PHYSICAL %u REGISTER %u REFUSED %u\n",
            in_memory, physical, in_register, refused);
}
