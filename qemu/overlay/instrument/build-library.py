#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""
Build the library of static instrumentation from the user's folder.

With a Makefile that knows how to make libtrace-instrument.a, it is used (in a
folder of the build, so that the user's may be read-only; VPATH points to the
user's). Otherwise every *.c of the folder is compiled.

Compiler and flags are the same as for a source of QEMU: of the target if the
build has one, else of the code that all targets share. So cross compilers,
sanitizers and LTO are the same, and the code may include headers of QEMU.

Variables of make: BUILD_DIR, SRC_PATH, TARGET_DIR, QI_MODE, QEMU_CFLAGS; from
the environment, which a Makefile may override, CC and AR.
"""

__license__ = "GPL version 2 or (at your option) any later version"


import argparse
import glob
import json
import os
import shlex
import shutil
import subprocess
import sys

NAME = "libtrace-instrument.a"
COMMANDS = "compile_commands.json"

# options with a value of their own that belong to one source
OF_SOURCE = ("-c", "-o", "-MF", "-MQ", "-MT")
FOLDERS = ("-I", "-iquote", "-isystem", "-idirafter", "-include")


def fail(message):
    sys.exit("trace instrumentation: error: " + message)


def run(command, **kwargs):
    status = subprocess.run(command, **kwargs).returncode
    if status != 0:
        sys.exit(status if status > 0 else 1)


def compile_command(build, source):
    """How QEMU compiles a source: compiler and flags; None if it does not."""
    with open(os.path.join(build, COMMANDS)) as fh:
        commands = json.load(fh)
    for entry in commands:
        if entry["file"].endswith("/" + source):
            words = shlex.split(entry["command"])
            first = next(i for i, w in enumerate(words) if w.startswith("-"))
            return words[:first], own_flags(words[first:], entry["directory"])
    return None


def own_flags(words, directory):
    """The flags that are not about the source, with absolute folders."""
    flags = []
    words = iter(words)
    for word in words:
        folder = next((f for f in FOLDERS if word.startswith(f)), None)
        if word in OF_SOURCE:
            next(words)
        elif word == "-MD" or word.startswith("-Werror"):
            pass  # a warning in the user's code is not QEMU's business
        elif folder:
            path = word[len(folder) :] or next(words)
            flags += [folder, os.path.join(directory, path)]
        else:
            flags.append(word)
    return flags


def make_command(args, makefile, flags):
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
        "QEMU_CFLAGS=" + shlex.join(flags).replace("$", "$$"),
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


def without_make(args, compiler, flags, workdir):
    sources = sorted(glob.glob(os.path.join(args.folder, "*.c")))
    if not sources:
        fail("no C source in '%s'" % args.folder)
    objects = []
    for source in sources:
        name = os.path.basename(source)[: -len(".c")]
        objects.append(os.path.join(workdir, name + ".o"))
        run(
            compiler
            + ["-I", args.folder]
            + flags
            + ["-MD", "-c", "-o", objects[-1], source]
        )
    run([args.ar, "rcsD", os.path.join(workdir, NAME)] + objects)


def dependencies(folder, build, workdir):
    """All of the folder, what the compiler read, and its flags."""
    found = {os.path.join(build, COMMANDS)}
    for parent, _, names in os.walk(folder):
        found.update([parent] + [os.path.join(parent, n) for n in names])
    for depfile in glob.glob(os.path.join(workdir, "*.d")):
        with open(depfile) as fh:
            text = fh.read().replace("\\\n", " ")
        found.update(os.path.join(workdir, p) for p in text.split()[1:])
    return sorted(name for name in found if os.path.exists(name))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--targets", required=True)
    parser.add_argument("--ar", required=True)
    parser.add_argument("--depfile", required=True)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    if not os.path.isdir(args.folder):
        fail("'%s' is not a folder" % args.folder)
    compiler, flags = (
        args.targets.count(",") == 0
        and compile_command(args.build, "instrument/guest.c")
        or compile_command(args.build, "instrument/loader.c")
    )

    # output of another Makefile must not pass for this one's
    output = os.path.abspath(args.output)
    workdir = os.path.join(args.build, "instrument", "library")
    shutil.rmtree(workdir, ignore_errors=True)
    os.makedirs(workdir)

    makefile = os.path.join(args.folder, "Makefile")
    command = make_command(args, makefile, flags)
    os.environ.update(CC=shlex.join(compiler), AR=args.ar)
    if os.path.isfile(makefile) and has_rule(command, workdir):
        run(command, cwd=workdir)
    else:
        without_make(args, compiler, flags, workdir)
    library = os.path.join(workdir, NAME)
    if not os.path.isfile(library):
        fail("'%s' did not produce %s" % (makefile, NAME))
    with open(args.depfile, "w") as fh:
        paths = [
            p.replace("$", "$$").replace(" ", "\\ ")
            for p in dependencies(args.folder, args.build, workdir)
        ]
        fh.write(args.output + ": " + " \\\n ".join(paths) + "\n")
    # always: see the comment on options.h in meson.build
    shutil.copyfile(library, output)


if __name__ == "__main__":
    main()
