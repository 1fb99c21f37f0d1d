#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Replaces Prisma's schema engine, a download that `prisma generate` requires but does not run.
# services/store/migrate.ts applies migrations. Exits 1 so that other Prisma commands fail visibly.
echo "no schema engine: migrations are applied by qibench itself (services/store/migrate.ts)" >&2
exit 1
