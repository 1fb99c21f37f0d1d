/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EVENTS_PRE_H
#define EVENTS_PRE_H

/* instrument.c has a generator for each of them */
#define QI_EVENT_GUEST_BLOCK_EXEC_TCG 1
#define QI_EVENT_GUEST_INSN_EXEC_TCG 1
#define QI_EVENT_GUEST_MEM_ACCESS_TCG 1

#endif /* EVENTS_PRE_H */
