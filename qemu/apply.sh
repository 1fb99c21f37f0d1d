#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Applies a series of patches to the source of QEMU in the current folder:
#
#     cd qemu && sh ../apply.sh ../patches/10.2
#
# A patch with "Upstream: COMMIT" is a correction that QEMU has since that commit. Where the source
# has it, as point releases may, the patch is left out. All other patches are tried, so that the
# output has all rejects: the name of a patch that does not apply follows what patch(1) prints.
# Exit status 4: one did not apply.
export LC_ALL=C
status=0
for patch in "$1"/*.patch; do
  test -e "$patch" || continue
  if grep -qE '^Upstream: [0-9a-f]{10,}' "$patch" &&
    patch -p1 -u -R -f --dry-run < "$patch" > /dev/null; then
    echo "$(basename "$patch"): this source has it"
    continue
  fi
  patch -p1 -u -f --no-backup-if-mismatch -r - < "$patch" || {
    echo "QIBENCH-PATCH $(basename "$patch")"
    status=4
  }
done
exit $status
