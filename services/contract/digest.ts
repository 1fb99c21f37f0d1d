// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { DIGEST_PATTERN } from './constants.js';

/** Name of any content: `sha256:` and 64 hexadecimal digits. */
export const Digest = z
  .string()
  .regex(DIGEST_PATTERN, 'a digest: sha256: and 64 hexadecimal digits');
export type Digest = z.infer<typeof Digest>;
