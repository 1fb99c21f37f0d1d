# SPDX-License-Identifier: GPL-2.0-or-later
# Few devices, quick to build: the pc machine with what it cannot do without
# (PIT, RTC, i8042, serial port, ACPI), debug ports that let a guest program
# print and end the run, and the loader that hands it a number. Neither network
# nor storage.
CONFIG_I440FX=y
CONFIG_ISA_DEBUG=y
CONFIG_TEST_DEVICES=y
CONFIG_GENERIC_LOADER=y
