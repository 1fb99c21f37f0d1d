// SPDX-License-Identifier: GPL-2.0-or-later
import { migrate } from '#store/migrate.js';
import { openStore } from '#store/store.js';

/** Creates a migrated database for a test whose results depend on the data of all projects. */
export async function ownDatabase(
  purpose: string,
): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `${purpose}_${process.pid}`;
  const admin = await openStore(process.env.TEST_DATABASE_URL!);
  const { href: url } = Object.assign(new URL(process.env.TEST_DATABASE_URL!), {
    pathname: `/${name}`,
  });
  await admin.pool.query(`CREATE DATABASE ${name}`);
  await migrate(url, process.cwd());
  return {
    url,
    async drop() {
      await admin.pool.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.close();
    },
  };
}
