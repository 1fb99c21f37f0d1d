# SPDX-License-Identifier: GPL-2.0-or-later
"""Unpacks the tar of a source tree, which may be hostile."""

import os
import subprocess

SOURCE = "/qemu/src"

# The first bytes of a file choose its program; the file's name is not trusted.
PROGRAMS = [
    (b"\x1f\x8b", "gzip"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
]


class Refused(Exception):
    """The source breaks a rule; its author has to act."""


def unpack(path):
    """Unpacks a tar into SOURCE. A single folder at its top is left out."""
    with open(path, "rb") as file:
        head = file.read(8)
    program = next(
        (name for start, name in PROGRAMS if head.startswith(start)), None
    )
    packed = (
        [] if program is None else [f"--use-compress-program={program} -d"]
    )
    # tar delays links, removes a leading / and refuses .., so no entry leaves the folder.
    folder = SOURCE + ".new"
    os.mkdir(folder)
    command = [
        "tar",
        *packed,
        "--no-same-owner",
        "--delay-directory-restore",
        "-xf",
        path,
        "-C",
        folder,
    ]
    result = subprocess.run(
        command, stderr=subprocess.PIPE, errors="replace", check=False
    )
    if result.returncode != 0:
        lines = [
            line for line in result.stderr.splitlines() if line.strip()
        ] or ["tar failed"]
        raise Refused(
            f"it is not a tar that can be unpacked: {lines[0][:300]}"
        )
    # A folder without permissions could not be read.
    subprocess.run(["chmod", "-R", "u+rwX", folder], check=True)
    entries = os.listdir(folder)
    top = os.path.join(folder, entries[0]) if len(entries) == 1 else folder
    os.rename(
        top if os.path.isdir(top) and not os.path.islink(top) else folder,
        SOURCE,
    )


def check_tree():
    """Checks that SOURCE is a tree of QEMU, and returns its version."""
    for name in ("configure", "VERSION"):
        path = os.path.join(SOURCE, name)
        if not os.path.isfile(path) or os.path.islink(path):
            raise Refused(
                f"it has no file {name} at its top: it is not a source tree of QEMU"
            )
    with open(
        os.path.join(SOURCE, "VERSION"), encoding="utf-8", errors="replace"
    ) as file:
        return file.read(64).strip()
