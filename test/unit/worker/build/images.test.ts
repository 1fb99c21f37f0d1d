// SPDX-License-Identifier: GPL-2.0-or-later
import { debootstrapArguments } from '#worker/build/images.js';

test("a base image is bootstrapped only under the signature of Debian's archive", () => {
  expect(debootstrapArguments('bookworm', '/root')).toEqual(
    expect.arrayContaining([
      '--force-check-gpg',
      '--keyring=/usr/share/keyrings/debian-archive-keyring.gpg',
      'bookworm',
    ]),
  );
});
