// SPDX-License-Identifier: GPL-2.0-or-later
import { compilerOf, ConfigureOptions } from '#contract/configure.js';

test.each([
  '--enable-lto',
  '--disable-tcg-interpreter',
  '--cc=clang',
  '--cc=gcc-12',
  '--extra-cflags=-O3',
  '--extra-cflags=-O3 -march=x86-64-v3 -fno-plt -DX=1',
  '--extra-ldflags=-Wl,-O1,--as-needed',
  '-Doptimization=3',
  '-Db_lto=true',
])('the option %j is accepted', (option) => {
  expect(ConfigureOptions.parse([option])).toEqual([option]);
});

test.each([
  '--enable-trace-backends=log',
  '--enable-trace-backends',
  '--disable-trace-x',
  '-Dtrace_instrument=static',
  '-Dtrace_backends=log',
  '--prefix=/tmp',
  '--target-list=x86_64-softmmu',
  '--cc=/qemu/src/evil',
  '--cc=sh',
  '--cc=clang;id',
  '--cc=clang -fplugin=x',
  '--cross-prefix=x-',
  '--python=/bin/sh',
  '--firmwarepath=/etc',
  '--with-devices-x86_64=default',
  '--enable-lto --prefix=/x',
  '--enable-lto\n--prefix=/x',
  '--extra-cflags=-fplugin=/tmp/x.so',
  '--extra-cflags=-specs=../x',
  '--extra-cflags=$(id)',
  '--extra-cflags=O3',
  '--extra-cflags=-O3 x.c',
  '--extra-cflags=@file',
  '-Dprefix=/tmp',
  '',
  'configure',
])('the option %j is refused', (option) => {
  expect(ConfigureOptions.safeParse([option]).error?.issues[0]!.path).toEqual([0]);
});

test('at most 32 options are accepted', () => {
  const options = Array.from({ length: 33 }, (_, index) => `--enable-x${index}`);

  expect(ConfigureOptions.safeParse(options.slice(1)).success).toBe(true);
  expect(ConfigureOptions.safeParse(options).success).toBe(false);
});

test('the last compiler counts', () => {
  expect(compilerOf([])).toBeNull();
  expect(compilerOf(['--enable-lto'])).toBeNull();
  expect(compilerOf(['--cc=gcc', '--enable-lto', '--cc=clang-16'])).toBe('clang-16');
});
