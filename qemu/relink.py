#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Links an emulator again and again, each time with its code in another order.

    relink.py EMULATOR COUNT SEED FOLDER

Runs in a build folder after ninja. Writes the links that succeed and start, of
COUNT attempts, to FOLDER as EMULATOR.00, EMULATOR.01, ..., without symbol
tables. SEED and a link's number determine its order. A failed link is skipped,
and the numbers have no gap.

This work is licensed under the terms of the GNU GPL, version 2 or later.
See the COPYING file in the top-level directory.
"""

import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

LINK_LIMIT_SECONDS = 300
START_LIMIT_SECONDS = 30

OBJECT = re.compile(r"[^-@].*\.o")
# relative: of this build, not of the system
ARCHIVE = re.compile(r"[^-@/].*\.f?a")


def run(command, limit_seconds):
    """Runs a command; returns its output (SubprocessError or OSError)."""
    return subprocess.run(
        command,
        check=True,
        timeout=limit_seconds,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ).stdout


def link_command(emulator):
    """
    Returns the arguments that ninja links the emulator with. Ninja expands its
    own response files; the run path is dropped, as `meson install` does.
    """
    database = run(["ninja", "-t", "compdb", "-x"], LINK_LIMIT_SECONDS)
    command = next(
        entry["command"]
        for entry in json.loads(database)
        if entry["output"] == emulator
    )
    return [
        argument
        for argument in shlex.split(command)
        if not argument.startswith("-Wl,-rpath,")
    ]


def shuffle_places(items, places, order):
    """Shuffles the items at the given places of a list."""
    chosen = [items[place] for place in places]
    order.shuffle(chosen)
    for place, item in zip(places, chosen):
        items[place] = item


def adjacent_archives(arguments):
    """
    Returns the places of each run of archives that --whole-archive links
    whole: elsewhere, their order decides which members are linked.
    """
    whole = False
    runs = [[]]
    for place, argument in enumerate(arguments):
        if whole and ARCHIVE.fullmatch(argument):
            runs[-1].append(place)
            continue
        runs.append([])
        if argument.endswith("-whole-archive"):
            whole = not argument.endswith("-no-whole-archive")
    return runs


def shuffled_archive(path, number, order):
    """
    Returns the path of a copy with its members in another order. A thin
    archive names its members relative to itself, so the copy is beside it.

    Source of the format: ar(5) of GNU binutils, "The GNU ar format".
    """
    with open(path, "rb") as file:
        content = file.read()
    thin = content.startswith(b"!<thin>\n")
    names = b""
    members = []
    at = 8
    while at < len(content):
        name = content[at : at + 16].rstrip()
        size = int(content[at + 48 : at + 58])
        table = name in (b"/", b"/SYM64/", b"//")
        end = at + 60
        if table or not thin:
            end += size + size % 2
        entry = content[at:end].ljust(end - at, b"\n")
        if name == b"//":
            names = entry
        elif not table:
            members.append(entry)
        at = end
    order.shuffle(members)
    folder, base = os.path.split(path)
    copy = os.path.join(folder, f"link-{number}-{base}")
    with open(copy, "wb") as file:
        file.write(content[:8] + names + b"".join(members))
    run(["ar", "s", copy], LINK_LIMIT_SECONDS)
    return copy


def link(command, number, order):
    """Links once; returns the path of an emulator that starts."""
    arguments = list(command)
    objects = [
        place
        for place, argument in enumerate(arguments)
        if OBJECT.fullmatch(argument)
    ]
    for places in [objects, *adjacent_archives(arguments)]:
        shuffle_places(arguments, places, order)
    output = os.path.abspath(f"link-{number}")
    arguments[arguments.index("-o") + 1] = output
    # An archive may be named several times.
    copies = {}
    try:
        for argument in arguments:
            if ARCHIVE.fullmatch(argument) and argument not in copies:
                copies[argument] = shuffled_archive(argument, number, order)
        run(
            [
                *(copies.get(argument, argument) for argument in arguments),
                "-s",
            ],
            LINK_LIMIT_SECONDS,
        )
    finally:
        for copy in copies.values():
            os.remove(copy)
    run([output, "--version"], START_LIMIT_SECONDS)
    return output


def main(emulator, count, seed, folder):
    command = link_command(emulator)

    def attempt(number):
        try:
            return link(command, number, random.Random(f"{seed} {number}"))
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            reason = getattr(error, "stderr", None) or str(error).encode()
            print(f"link {number} failed:", reason.decode(errors="replace"))
            return None

    usable = 0
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for number, output in enumerate(pool.map(attempt, range(count))):
            print(f"[{number + 1}/{count}] link", flush=True)
            if output is not None:
                shutil.move(output, f"{folder}/{emulator}.{usable:02}")
                usable += 1


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
