/*
 * Trace instrumentation: what callbacks read of the guest.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "cpu.h"
#include "exec/cpu-common.h"
#include "exec/gdbstub.h"
#ifndef CONFIG_USER_ONLY
#if __has_include("system/memory.h")
#include "system/memory.h" /* its place since 10.1 */
#else
#include "exec/memory.h"
#endif
#endif
#if __has_include("exec/target_page.h")
#include "exec/target_page.h" /* its place since 8.1 */
#endif
#include "instrument/guest-api.h"

static int cpu(void)
{
    return current_cpu ? current_cpu->cpu_index : -1;
}

static bool read_memory(uint64_t address, void *buffer, size_t size)
{
    return current_cpu
        && cpu_memory_rw_debug(current_cpu, address, buffer, size, false) == 0;
}

#ifdef CONFIG_USER_ONLY

static bool physical_address(uint64_t address, uint64_t *physical)
{
    return false;
}

static bool is_io(uint64_t address)
{
    return false;
}

#else

static bool translate(uint64_t address, uint64_t *physical, MemTxAttrs *attrs)
{
    hwaddr page = current_cpu
        ? cpu_get_phys_page_attrs_debug(current_cpu, address & TARGET_PAGE_MASK,
                                        attrs)
        : -1;

    *physical = page | (address & ~TARGET_PAGE_MASK);
    return page != -1;
}

static bool physical_address(uint64_t address, uint64_t *physical)
{
    MemTxAttrs attrs = { 0 };

    return translate(address, physical, &attrs);
}

static bool is_io(uint64_t address)
{
    MemTxAttrs attrs = { 0 };
    hwaddr offset, size = 1;
    uint64_t physical;
    AddressSpace *as;
    MemoryRegion *mr;

    if (!translate(address, &physical, &attrs)) {
        return false;
    }
    RCU_READ_LOCK_GUARD();
    as = cpu_get_address_space(current_cpu,
                               cpu_asidx_from_attrs(current_cpu, attrs));
    mr = address_space_translate(as, physical, &offset, &size, false, attrs);
    return !memory_region_is_ram(mr) && !memory_region_is_romd(mr);
}

#endif

#if QEMU_VERSION_MAJOR < 8

typedef struct Search {
    const char *name;
    int number;
    int found;
} Search;

static void begin_element(GMarkupParseContext *context, const char *element,
                          const char **names, const char **values,
                          void *opaque, GError **error)
{
    Search *search = opaque;

    if (strcmp(element, "reg") != 0) {
        return;
    }
    for (size_t i = 0; names[i]; i++) {
        if (strcmp(names[i], "name") == 0
            && strcmp(values[i], search->name) == 0) {
            search->found = search->number;
        }
    }
    search->number++;
}

/* QEMU has the names in the descriptions that it gives to GDB, only. */
static int find_register(const char *name)
{
    static const GMarkupParser parser = { .start_element = begin_element };
    const char *file;
    Search search = { .name = name, .found = -1 };

    if (!current_cpu) {
        return -1;
    }
    file = CPU_GET_CLASS(current_cpu)->gdb_core_xml_file;
    for (size_t i = 0; file && xml_builtin[i][0]; i++) {
        if (strcmp(xml_builtin[i][0], file) == 0) {
            GMarkupParseContext *context =
                g_markup_parse_context_new(&parser, 0, &search, NULL);

            g_markup_parse_context_parse(context, xml_builtin[i][1], -1, NULL);
            g_markup_parse_context_free(context);
        }
    }
    return search.found;
}

static int read_core_register(GByteArray *bytes, int number)
{
    CPUClass *cc = CPU_GET_CLASS(current_cpu);

    return number < cc->gdb_num_core_regs
        ? cc->gdb_read_register(current_cpu, bytes, number) : 0;
}

#else

static int find_register(const char *name)
{
    g_autoptr(GArray) registers = NULL;

    if (!current_cpu) {
        return -1;
    }
    registers = gdb_get_register_list(current_cpu);
    for (size_t i = 0; i < registers->len; i++) {
        GDBRegDesc *description = &g_array_index(registers, GDBRegDesc, i);

        if (strcmp(description->name, name) == 0) {
            return description->gdb_reg;
        }
    }
    return -1;
}

static int read_core_register(GByteArray *bytes, int number)
{
    return gdb_read_register(current_cpu, bytes, number);
}

#endif

static size_t read_register(int number, void *buffer, size_t size)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    int length = current_cpu && number >= 0
        ? read_core_register(bytes, number) : 0;

    if (length <= 0 || length > size) {
        return 0;
    }
    memcpy(buffer, bytes->data, length);
    return length;
}

static void __attribute__((constructor)) give_access(void)
{
    qi_guest_access.cpu = cpu;
    qi_guest_access.read_memory = read_memory;
    qi_guest_access.physical_address = physical_address;
    qi_guest_access.is_io = is_io;
    qi_guest_access.find_register = find_register;
    qi_guest_access.read_register = read_register;
}
