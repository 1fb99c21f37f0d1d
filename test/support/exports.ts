// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '#cli/client.js';
import { recordHost } from '#store/builds.js';
import { openStore, type Store } from '#store/store.js';
import { startApi } from './api-process.js';
import { execute } from './debian-tools.js';
import { measuredJob } from './measured-job.js';
import { exampleReport, IMPORTABLE_NAMES } from './example-report.js';

/** A measured job on the stores of the tests, whose exports other tools can read. */
export class Exports {
  readonly folder = mkdtempSync(join(tmpdir(), 'qibench-formats-'));
  readonly samples = exampleReport(IMPORTABLE_NAMES).samples;

  private constructor(
    readonly store: Store,
    readonly jobId: string,
    private readonly api: Awaited<ReturnType<typeof startApi>>,
  ) {}

  static async start(): Promise<Exports> {
    const store = await openStore(process.env.TEST_DATABASE_URL!);
    await recordHost(store, {
      digest: 'sha256:host',
      cpuModel: 'x',
      cpuFlags: 'x',
      microcode: 'x',
      cores: 2,
      memoryBytes: 1,
      kernel: 'x',
      docker: 'x',
      runtime: 'x',
    });
    const jobId = await measuredJob(store, exampleReport(IMPORTABLE_NAMES).samples, {
      name: '<job> & "co"',
      project: 'formats',
      commit: 'abc1234',
    });
    return new Exports(store, jobId, await startApi());
  }

  get client(): Client {
    return this.api.client;
  }

  async stop(): Promise<void> {
    await this.api.stop();
    await this.store.close();
    rmSync(this.folder, { recursive: true });
  }

  open(format: string): Promise<Response> {
    return this.client.open(`/v1/jobs/${this.jobId}/export?format=${format}`);
  }

  /** Writes the export to a file. */
  async exported(format: string): Promise<string> {
    const file = join(this.folder, `export.${format}`);
    writeFileSync(file, await (await this.open(format)).text());
    return file;
  }

  /** Runs the command against the API. */
  command(...words: string[]) {
    const { server } = this.client;
    return execute(process.execPath, ['dist/services/cli/main.js', '--server', server, ...words], {
      maxBuffer: 2 ** 26,
    });
  }
}
