# SPDX-License-Identifier: GPL-2.0-or-later
# Few devices, quick to build: the virt machine, and what the processors' code
# does not link without. Neither network nor storage.
CONFIG_ARM_VIRT=y
CONFIG_ARM_V7M=y
CONFIG_ARM_COMPATIBLE_SEMIHOSTING=y
