#!/bin/sh
# Stands in for Prisma's schema engine, a download that `prisma generate` asks for but does not run.
# Migrations are applied by services/store/migrate.ts. Exits 1 so that no Prisma command can seem to have worked.
echo "no schema engine: migrations are applied by qibench itself (services/store/migrate.ts)" >&2
exit 1
