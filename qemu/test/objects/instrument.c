/*
 * Conformance: what the pointers of events are. Prints the region of the first
 * write to port 0x80, and the backend of the first read of a disk.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <qemu-instr/control.h>
#include <qemu-instr/events.h>
#include <qemu-instr/objects.h>

void qi_event_memory_region_ops_write(int cpu_index, void *mr, uint64_t addr,
                                      uint64_t value, unsigned size,
                                      const char *name)
{
    static bool seen;

    (void)cpu_index, (void)value, (void)size, (void)name;
    if (addr == 0x80 && !seen) {
        char *path = qi_object_path(mr);

        seen = true;
        fprintf(stderr, "REGION %s at 0x%" PRIx64 ", %s %s\n",
                qi_memory_region_name(mr), qi_memory_region_address(mr),
                qi_object_type(mr), path);
        free(path);
    }
}

void qi_event_blk_co_preadv(void *blk, void *bs, int64_t offset, int64_t bytes,
                            int flags)
{
    static bool seen;

    (void)bs, (void)offset, (void)bytes, (void)flags;
    if (!seen) {
        seen = true;
        fprintf(stderr, "BACKEND %s\n", qi_block_backend_name(blk));
    }
}

void qi_init(int argc, const char **argv)
{
    QIEvent *ev = NULL;

    (void)argc, (void)argv;
    while (qi_ctrl_dynamic()
           && (ev = qi_ctrl_event_pattern("*", ev)) != NULL) {
        if (qi_ctrl_event_is_available(ev)) {
            qi_ctrl_event_set(ev, QI_CTRL_INSTR_AUTO);
        }
    }
}

void qi_fini(void)
{
}
