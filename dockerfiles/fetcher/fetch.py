# SPDX-License-Identifier: GPL-2.0-or-later
"""Fetches a source of QEMU into /qemu/src and runs nothing of it.

The argument is JSON: a pinned source, and the origins that the operator allows.
Exit status 3: the source breaks a rule. 4: it could not be fetched.
"""

import configparser
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from urllib.parse import urlsplit

from unpack import SOURCE, Refused, check_tree, unpack

MIRRORS = "/mirror"
TARBALL_BYTES = 256 * 1024 * 1024
SUBPROJECTS = 32
# Submodules that no build of an emulator needs; some are larger than QEMU.
UNUSED_SUBMODULES = re.compile(
    r"^(?:roms/|tests/lcitool/|tests/qemu-iotests/)"
)
COMMIT = re.compile(r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")
PLAIN_PATH = re.compile(
    r"^(?!\.\.?(?:/|$))(?:[A-Za-z0-9_][A-Za-z0-9._+-]*/)*[A-Za-z0-9_][A-Za-z0-9._+-]*$"
)
# The answer of a server without the commit: fetching it again would not help.
MISSING = re.compile(
    r"not our ref|couldn't find remote ref|unadvertised object|no such remote ref|did not match any"
)


class Unavailable(Exception):
    """A server does not answer as it should."""


def origin(address):
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


def check_allowed(address, origins, what):
    if not re.fullmatch(
        r"(?:https?|git)://[A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9._~+-]+)*/?",
        address,
    ):
        raise Refused(
            f"{what} has the address {address[:200]!r}, which is not a plain https, http or git address"
        )
    if origin(address) not in origins:
        raise Refused(
            f"{what} is at {origin(address)}, which the operator does not allow (QIBENCH_SOURCE_HOSTS)"
        )


def git(repository, *arguments, folder=None):
    """Runs git without configuration, hooks, credentials, redirects and protocols beyond the three."""
    options = {
        "core.hooksPath": "/dev/null",
        "core.attributesFile": "/dev/null",
        "core.fsmonitor": "false",
        "core.protectHFS": "true",
        "core.protectNTFS": "true",
        "credential.helper": "",
        "fetch.fsckObjects": "true",
        "gc.auto": "0",
        "http.followRedirects": "false",
        "http.lowSpeedLimit": "1000",
        "http.lowSpeedTime": "60",
        "pack.threads": "1",
        "submodule.recurse": "false",
        "transfer.bundleURI": "false",
    }
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "https:http:git",
        "GIT_DIR": repository,
    }
    if folder is not None:
        environment["GIT_INDEX_FILE"] = "/tmp/index"
        environment["GIT_WORK_TREE"] = folder
    settings = [
        part
        for name, value in options.items()
        for part in ("-c", f"{name}={value}")
    ]
    return subprocess.run(
        ["git", *settings, *arguments],
        env=environment,
        cwd="/",
        capture_output=True,
        check=False,
    )


def complaint(result):
    lines = result.stderr.decode(errors="replace").splitlines()
    said = [
        line for line in lines if re.match(r"(?:fatal|error|remote):", line)
    ]
    return (said or lines or ["git ended with status %d" % result.returncode])[
        0
    ][:300]


def mirror_name(address):
    return hashlib.sha256(address.encode()).hexdigest()[:32]


def mirrored(mirrors, address, commit):
    """Returns the bare repository in a folder of mirrors; fetches the commit unless it is there."""
    os.makedirs(mirrors, exist_ok=True)
    repository = os.path.join(mirrors, mirror_name(address) + ".git")
    if not os.path.exists(os.path.join(repository, "HEAD")):
        shutil.rmtree(repository, ignore_errors=True)
        if git(repository, "init", "--quiet", "--bare").returncode != 0:
            raise Unavailable("the mirror cannot be written")
    # A fetch that was killed leaves these.
    for left in glob.glob(repository + "/objects/pack/tmp_*") + glob.glob(
        repository + "/**/*.lock", recursive=True
    ):
        os.unlink(left)
    name = f"refs/qibench/{commit}"
    if (
        git(
            repository, "rev-parse", "--verify", "--quiet", name + "^{commit}"
        ).returncode
        == 0
    ):
        print(f"{address} {commit}: in the mirror", flush=True)
        return repository
    print(f"{address} {commit}: fetching", flush=True)
    fetched = git(
        repository,
        "fetch",
        "--depth=1",
        "--no-tags",
        "--no-write-fetch-head",
        "--no-recurse-submodules",
        "--quiet",
        address,
        f"+{commit}:{name}",
    )
    if fetched.returncode != 0:
        reason = complaint(fetched)
        if MISSING.search(fetched.stderr.decode(errors="replace")):
            raise Refused(f"{address} has no commit {commit}: {reason}")
        if "fsck" in reason or "object" in reason:
            raise Refused(f"git refuses the commit: {reason}")
        raise Unavailable(f"{address}: {reason}")
    return repository


def check_out(repository, commit, folder):
    """Writes the files of a commit. No filter is configured, so no attribute of the tree runs one."""
    os.makedirs(folder, exist_ok=True)
    if os.path.exists("/tmp/index"):
        os.unlink("/tmp/index")
    for arguments in (
        ["read-tree", commit],
        ["checkout-index", "--all", "--force", "--quiet"],
    ):
        result = git(repository, *arguments, folder=folder)
        if result.returncode != 0:
            raise Refused(f"its files cannot be written: {complaint(result)}")


def gitlinks(repository, commit):
    listed = git(repository, "ls-tree", "-r", "-z", commit).stdout.decode(
        errors="replace"
    )
    entries = [
        entry.split("\t", 1)
        for entry in listed.split("\0")
        if entry.startswith("160000 ")
    ]
    return {path: head.split(" ")[2] for head, path in entries}


def submodules(repository, commit):
    """Yields path, address and commit of the submodules that a build may need."""
    links = gitlinks(repository, commit)
    config = git(
        repository, "config", "--blob", f"{commit}:.gitmodules", "--list", "-z"
    ).stdout
    values = {}
    for entry in config.decode(errors="replace").split("\0"):
        key, _, value = entry.partition("\n")
        matched = re.fullmatch(r"submodule\.(.*)\.(path|url)", key, re.DOTALL)
        if matched:
            values.setdefault(matched[1], {})[matched[2]] = value
    addresses = {
        value["path"]: value["url"]
        for value in values.values()
        if len(value) == 2
    }
    for path, linked in links.items():
        if UNUSED_SUBMODULES.match(path):
            continue
        if path not in addresses:
            raise Refused(
                f"its submodule {path[:200]!r} has no address in .gitmodules"
            )
        yield path, addresses[path], linked


def wraps():
    """Yields path, address, commit and patch folder of meson's wraps that name a commit."""
    for file in sorted(glob.glob(SOURCE + "/subprojects/*.wrap")):
        if (
            os.path.islink(file)
            or not os.path.isfile(file)
            or os.path.getsize(file) > 65536
        ):
            continue
        parser = configparser.ConfigParser(interpolation=None)
        try:
            with open(file, encoding="utf-8", errors="replace") as text:
                parser.read_file(text)
        except configparser.Error as error:
            raise Refused(
                f"{os.path.basename(file)} cannot be read: {error}"
            ) from error
        if not parser.has_section("wrap-git"):
            continue
        wrap = parser["wrap-git"]
        commit = wrap.get("revision", "").strip()
        if not COMMIT.match(commit):
            print(
                f"{os.path.basename(file)}: left out, its revision is not a commit",
                flush=True,
            )
            continue
        directory = wrap.get(
            "directory", os.path.basename(file)[: -len(".wrap")]
        )
        yield f"subprojects/{directory}", wrap.get(
            "url", ""
        ), commit, wrap.get("patch_directory")


def check_unlinked(path):
    """Refuses a path of the tree behind a link: it may lead into the mirrors."""
    if os.path.realpath(path) != os.path.normpath(path):
        raise Refused(
            f"its {os.path.relpath(path, SOURCE)[:200]} is behind a link"
        )


def add_subproject(mirrors, path, address, commit, origins):
    if not PLAIN_PATH.match(path) or not COMMIT.match(commit):
        raise Refused(
            f"its subproject has the path {path[:200]!r}, which is not a plain name"
        )
    check_allowed(address, origins, f"its subproject {path}")
    folder = os.path.join(SOURCE, path)
    check_unlinked(folder)
    if os.path.isdir(folder) and os.listdir(folder):
        return
    check_out(mirrored(mirrors, address, commit), commit, folder)


def add_patch(path, patch):
    """Copies the files that a wrap adds to its subproject."""
    if not PLAIN_PATH.match(patch):
        raise Refused(
            f"the wrap of {path} has the patch folder {patch[:200]!r}, which is not a plain name"
        )
    folder = os.path.join(SOURCE, "subprojects/packagefiles", patch)
    target = os.path.join(SOURCE, path)
    check_unlinked(folder)
    if not os.path.isdir(folder):
        return
    for inside, folders, files in os.walk(folder):
        for name in folders + files:
            check_unlinked(
                os.path.join(target, os.path.relpath(inside, folder), name)
            )
    shutil.copytree(folder, target, symlinks=True, dirs_exist_ok=True)


def fetch_git(source, origins):
    # Each source has mirrors of its own: a fetch keeps no other repository waiting.
    mirrors = os.path.join(MIRRORS, mirror_name(source["git"]))
    repository = mirrored(mirrors, source["git"], source["commit"])
    check_out(repository, source["commit"], SOURCE)
    if source["subprojects"] == "none":
        return
    wanted = [
        (*module, None) for module in submodules(repository, source["commit"])
    ]
    wanted += list(wraps())
    if len(wanted) > SUBPROJECTS:
        raise Refused(
            f"it has {len(wanted)} subprojects; at most {SUBPROJECTS} are fetched"
        )
    for path, address, commit, patch in wanted:
        try:
            add_subproject(mirrors, path, address, commit, origins)
            if patch is not None:
                add_patch(path, patch)
        except OSError as error:
            raise Refused(
                f"its subproject {path} cannot be written: {error}"
            ) from error


class AllowedRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to allowed origins."""

    def __init__(self, origins):
        self.origins = origins

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if origin(newurl) not in self.origins:
            raise Refused(
                f"it redirects to {origin(newurl)[:200]}, which the operator does not allow"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch_tarball(source, origins):
    path = "/qemu/source.tar"
    digest = hashlib.sha256()
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler(), AllowedRedirects(origins)
    )
    total = 0
    try:
        with opener.open(source["tarball"], timeout=60) as answer, open(
            path, "wb"
        ) as file:
            while chunk := answer.read(1 << 20):
                total += len(chunk)
                if total > TARBALL_BYTES:
                    raise Refused(f"it has more than {TARBALL_BYTES} bytes")
                digest.update(chunk)
                file.write(chunk)
    except OSError as error:
        if getattr(error, "code", None) in (401, 403, 404, 410):
            raise Refused(f"the server answers {error}") from error
        raise Unavailable(str(error)) from error
    if digest.hexdigest() != source["sha256"]:
        raise Refused(f"it has the SHA-256 {digest.hexdigest()}")
    unpack(path)


def main():
    asked = json.loads(sys.argv[1])
    source, origins = asked["source"], set(asked["origins"])
    address = source.get("git") or source.get("tarball")
    if address is not None:
        check_allowed(address, origins, "it")
    if "git" in source:
        fetch_git(source, origins)
    elif "tarball" in source:
        fetch_tarball(source, origins)
    else:
        unpack("/qemu/source.tar")
    print(f"QIBENCH-VERSION {check_tree()}")


try:
    main()
except Refused as refused:
    print(f"QIBENCH-REFUSED {refused}")
    sys.exit(3)
except Unavailable as unavailable:
    print(f"QIBENCH-UNAVAILABLE {unavailable}")
    sys.exit(4)
