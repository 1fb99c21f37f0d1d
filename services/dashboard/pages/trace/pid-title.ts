// SPDX-License-Identifier: GPL-2.0-or-later
/** Explains the pid of a record. */
export const PID_TITLE =
  'As recorded: QEMU’s own backend writes its process, an instrumentation may write the thread';
