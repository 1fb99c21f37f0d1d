/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EVENTS_PRE_H
#define EVENTS_PRE_H

#define QI_EVENT_MEMORY_REGION_OPS_WRITE_INLINE 1

#endif /* EVENTS_PRE_H */
