/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EVENTS_PRE_H
#define EVENTS_PRE_H

/* events-post.h has an inline callback for every instrumented event */
#define QI_EVENT_ALL_INLINE 1

#endif /* EVENTS_PRE_H */
