// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { Side } from './side.js';

const count = z.number().int().nonnegative();

/** One instruction of a function's disassembly. */
export const Instruction = z.object({
  offset: count.describe('in bytes, from the start of the function'),
  bytes: count,
  text: z.string().describe('as objdump writes it'),
  source: z.string().nullable().describe('file:line; null: unknown'),
  own: z.boolean().describe('of the trace point, not of the function around it'),
});
export type Instruction = z.infer<typeof Instruction>;

/** How a trace point reaches the callback of the instrumentation. */
const CallbackForm = z.enum(['none', 'inlined', 'called']);

/** A trace point in a function, as the compiler made it. */
export const TracePointCode = z.object({
  event: z.string(),
  function: z.string().describe('function that holds the trace point'),
  callback: CallbackForm,
  instructions: count.describe('of the trace point on the fast path, up to a return or a jump'),
  bytes: count.describe('of these instructions'),
  slowBytes: count.describe('of the rest of the trace point'),
  listing: z.array(Instruction).describe('of the whole function, without its cold part'),
});
export type TracePointCode = z.infer<typeof TracePointCode>;

/** A function as the compiler made it, without its cold part. */
export const FunctionCode = z.object({
  name: z.string(),
  bytes: count,
  instructions: count,
  stackStores: count.describe('registers that it saves or spills: pushes and moves to the stack'),
});
export type FunctionCode = z.infer<typeof FunctionCode>;

/** Machine code of one variant: its emulator, and its hot functions with trace points. */
export const VariantCode = z.object({
  variant: z.string(),
  side: Side,
  textBytes: count.describe("of the emulator's code and read-only data"),
  dataBytes: count,
  functions: z.array(FunctionCode),
  points: z.array(TracePointCode),
});
export type VariantCode = z.infer<typeof VariantCode>;

export const VariantCodeList = z.object({ variants: z.array(VariantCode) });
export type VariantCodeList = z.infer<typeof VariantCodeList>;
