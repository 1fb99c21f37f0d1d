/*
 * A program of Linux that starts two threads, one after the other, and waits
 * until each has ended.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <pthread.h>
#include <stddef.h>

static void *do_nothing(void *opaque)
{
    return opaque;
}

int main(void)
{
    for (int i = 0; i < 2; i++) {
        pthread_t thread;

        if (pthread_create(&thread, NULL, do_nothing, NULL) != 0
            || pthread_join(thread, NULL) != 0) {
            return 1;
        }
    }
    return 0;
}
