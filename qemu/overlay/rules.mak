# SPDX-License-Identifier: GPL-2.0-or-later
# Rules for the Makefile of a static instrumentation library, which includes
# this file by the name it had in older versions of QEMU. Used by
# instrument/build-library.py, which gives QEMU's flags.

%.o: %.c
	$(CC) $(QEMU_CFLAGS) $(CFLAGS) -MD -c -o $@ $<

%.a:
	rm -f $@
	$(AR) rcsD $@ $(filter %.o,$^)
