// SPDX-License-Identifier: GPL-2.0-or-later
// Runs Perfetto's trace processor on a file, like its user interface. Arguments: folder of the
// engine, trace, SQL queries. Prints the rows as JSON.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInThisContext } from 'node:vm';

interface Bridge {
  messagePort: { postMessage(data: Uint8Array): void };
  reqBufferAddr: number;
  onMessage(message: { data: Uint8Array }): void;
}
interface Result {
  columns(): string[];
  error(): string | undefined;
  iter(spec: object): { valid(): boolean; next(): void; get(column: string): unknown };
}
interface Engine {
  rpcSendRequestBytes(data: Uint8Array): void;
  onRpcResponseBytes(data: Uint8Array): void;
  parse(data: Uint8Array): Promise<void>;
  notifyEof(): Promise<void>;
  query(sql: string): Promise<Result>;
}

const [folder, trace, ...queries] = process.argv.slice(2) as [string, string, ...string[]];
const file = (name: string) => join(folder, name);

/**
 * Settings that let the browser worker's bundle run here: 32 bits, the module's bytes, the target
 * of its bridge.
 */
const EDITS = [
  ['this.useMemory64 = hasMemory64Support();', 'this.useMemory64 = false;'],
  ['locateFile: (s) => s,', 'locateFile: (s) => s, wasmBinary: globalThis.perfettoModule,'],
  [
    'const wasmBridge = new wasm_bridge_1.WasmBridge();',
    'const wasmBridge = globalThis.perfettoBridge = new wasm_bridge_1.WasmBridge();',
  ],
] as const;
let bundle = readFileSync(file('engine_bundle.node.js'), 'utf8');
for (const [from, to] of EDITS) {
  if (!bundle.includes(from)) throw new Error(`the engine has no ${from}`);
  bundle = bundle.replace(from, to);
}

const globals = globalThis as unknown as {
  self: unknown;
  WorkerGlobalScope: unknown;
  location: unknown;
  require: unknown;
  perfettoModule: Uint8Array;
  perfettoBridge: Bridge;
};
Object.assign(globals, {
  self: globalThis,
  WorkerGlobalScope: class {},
  location: { href: pathToFileURL(folder).href },
  require: createRequire(import.meta.url),
  perfettoModule: readFileSync(file('trace_processor.wasm')),
});
runInThisContext(bundle);
const bridge = globals.perfettoBridge;
await new Promise<void>((resolve) => {
  let address = 0;
  // The bridge gets its request target after its module has started.
  Object.defineProperty(bridge, 'reqBufferAddr', {
    get: () => address,
    set: (value: number) => {
      address = value;
      resolve();
    },
  });
});

const { EngineBase } = (await import(pathToFileURL(file('engine.mjs')).href)) as {
  EngineBase: new () => Engine;
};
const engine = new EngineBase();
engine.rpcSendRequestBytes = (data) => bridge.onMessage({ data });
bridge.messagePort = { postMessage: (data) => engine.onRpcResponseBytes(data) };
await engine.parse(readFileSync(trace));
await engine.notifyEof();

const answers: unknown[][] = [];
for (const sql of queries) {
  const result = await engine.query(sql);
  if (result.error() !== undefined) throw new Error(result.error());
  const rows: unknown[] = [];
  for (const row = result.iter({}); row.valid(); row.next())
    rows.push(result.columns().map((column) => row.get(column)));
  answers.push(rows);
}
process.stdout.write(
  JSON.stringify(answers, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  ),
);
