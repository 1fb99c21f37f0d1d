#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""
Build the library of static instrumentation from the user's folder.

With a Makefile that knows how to make libtrace-instrument.a, it is used (in a
folder of the build, so that the user's may be read-only; VPATH points to the
user's). Otherwise every *.c of the folder is compiled. Variables of make:
BUILD_DIR, SRC_PATH, TARGET_DIR, QI_MODE.

The output is rewritten only if something in it changed.
"""

__license__ = "GPL version 2 or (at your option) any later version"


import argparse
import filecmp
import glob
import os
import shutil
import subprocess
import sys

NAME = "libtrace-instrument.a"


def fail(message):
    sys.exit("trace instrumentation: error: " + message)


def run(command, **kwargs):
    status = subprocess.run(command, **kwargs).returncode
    if status != 0:
        sys.exit(status if status > 0 else 1)


def make_command(args, makefile):
    # The document's example reads
    # $(BUILD_DIR)/$(TARGET_DIR)../config-target.mak
    return [
        "make",
        "--no-print-directory",
        "-f",
        makefile,
        "BUILD_DIR=" + args.build,
        "SRC_PATH=" + args.source,
        "TARGET_DIR=instrument/library/",
        "QI_MODE=static",
        "VPATH=" + args.folder,
        NAME,
    ]


def has_rule(command, workdir):
    trial = subprocess.run(
        command + ["-n"],
        cwd=workdir,
        text=True,
        env=dict(os.environ, LC_ALL="C"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    return "No rule to make target '%s'" % NAME not in trial.stderr


def with_make(command, workdir):
    # output of another Makefile must not pass for this one's
    shutil.rmtree(workdir)
    os.mkdir(workdir)
    run(command, cwd=workdir)
    return os.path.join(workdir, NAME)


def is_current(obj, depfile, flags):
    """Whether the object is newer than all it was made from."""
    try:
        with open(depfile) as fh:
            text = fh.read().replace("\\\n", " ")
        with open(depfile + ".flags") as fh:
            if fh.read() != flags:
                return False
        made = os.stat(obj).st_mtime_ns
        return all(
            os.stat(name).st_mtime_ns < made
            for name in text.split(":", 1)[1].split()
        )
    except OSError:
        return False


def without_make(args, workdir):
    sources = sorted(glob.glob(os.path.join(args.folder, "*.c")))
    if not sources:
        fail("no C source in '%s'" % args.folder)
    objects = []
    for source in sources:
        obj = os.path.join(
            workdir, os.path.basename(source)[: -len(".c")] + ".o"
        )
        depfile = obj[: -len(".o")] + ".d"
        command = args.compiler + [
            "-O2",
            "-g",
            "-Wall",
            "-fPIE",
            "-I" + args.folder,
            "-I" + os.path.join(args.source, "instrument"),
            "-I" + os.path.join(args.build, "instrument"),
            "-MD",
            "-MF",
            depfile,
            "-c",
            "-o",
            obj,
            source,
        ]
        flags = "\n".join(command)
        if not is_current(obj, depfile, flags):
            run(command)
            with open(depfile + ".flags", "w") as fh:
                fh.write(flags)
        objects.append(obj)
    library = os.path.join(workdir, NAME)
    if os.path.exists(library):
        os.unlink(library)
    run(["ar", "rcsD", library] + objects)
    return library


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("compiler", nargs="+")
    args = parser.parse_args()

    if not os.path.isdir(args.folder):
        fail("'%s' is not a folder" % args.folder)
    output = os.path.abspath(args.output)
    workdir = os.path.join(args.build, "instrument", "library")
    os.makedirs(workdir, exist_ok=True)
    with open(
        os.path.join(args.build, "instrument", "config-target.mak"), "a"
    ):
        pass

    makefile = os.path.join(args.folder, "Makefile")
    command = make_command(args, makefile)
    if os.path.isfile(makefile) and has_rule(command, workdir):
        library = with_make(command, workdir)
    else:
        library = without_make(args, workdir)
    if not os.path.isfile(library):
        fail("'%s' did not produce %s" % (makefile, NAME))
    if not (
        os.path.exists(output) and filecmp.cmp(library, output, shallow=False)
    ):
        shutil.copyfile(library, output)


if __name__ == "__main__":
    main()
