# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes the patches out of the mbox files of a series.

Reads /qemu/uploaded and writes /qemu/series, whose names are in the order in
which the patches apply. A thread has cover letters, replies and older
versions, which are left out. Exit status 3: a thread has no complete series.
"""

import email
import email.policy
import mailbox
import os
import re
import sys

UPLOADED = "/qemu/uploaded"
SERIES = "/qemu/series"
REPLY = re.compile(r"^\s*(?:re|aw|fwd?)\s*(?:\[\d+\])?:", re.IGNORECASE)
TAG = re.compile(r"\[([^\]]*\bPATCH\b[^\]]*)\]", re.IGNORECASE)
NUMBER = re.compile(r"\b(\d{1,4})/(\d{1,4})\b")
VERSION = re.compile(r"\bv(\d{1,3})\b", re.IGNORECASE)
DIFF = re.compile(rb"^(?:diff --git |--- \S+\r?\n\+\+\+ \S+)", re.MULTILINE)


class Refused(Exception):
    """The thread breaks a rule; its sender has to act."""


class Patch:
    """A mail with a patch."""

    def __init__(self, subject, body):
        self.subject = subject
        # As git am: mail programs write CRLF.
        self.body = body.replace(b"\r\n", b"\n")
        tag = TAG.search(subject)
        number = NUMBER.search(tag[1]) if tag else None
        version = VERSION.search(tag[1]) if tag else None
        self.number, self.total = (
            (int(number[1]), int(number[2])) if number else (None, None)
        )
        self.version = int(version[1]) if version else 1


def body_of(mail):
    """Returns the text of a mail, decoded; empty if it has none."""
    parts = mail.walk() if mail.is_multipart() else [mail]
    texts = [
        part.get_payload(decode=True) or b""
        for part in parts
        if part.get_content_maintype() == "text"
    ]
    return next((text for text in texts if DIFF.search(text)), b"")


def patches_in(path):
    """Returns the newest version of the series in an mbox file, in order."""
    found = []
    for message in mailbox.mbox(path, create=False):
        mail = email.message_from_bytes(
            message.as_bytes(), policy=email.policy.compat32
        )
        subject = str(
            email.header.make_header(
                email.header.decode_header(mail.get("Subject", ""))
            )
        )
        subject = re.sub(r"\s+", " ", subject)
        patch = Patch(subject, body_of(mail))
        if REPLY.match(subject) or patch.number == 0 or not patch.body:
            print(f"left out: {subject[:100]!r}")
        else:
            found.append(patch)
    if not found:
        raise Refused("no mail in it has a patch")
    newest = max(patch.version for patch in found)
    for patch in found:
        if patch.version != newest:
            print(f"left out, an older version: {patch.subject[:100]!r}")
    return in_order([patch for patch in found if patch.version == newest])


def in_order(patches):
    """Sorts numbered patches, and checks that each is there once."""
    if any(patch.number is None for patch in patches):
        return patches
    by_number = {}
    for patch in patches:
        known = by_number.setdefault(patch.number, patch)
        if known.body != patch.body:
            raise Refused(
                f"two mails are patch {patch.number}/{patch.total}: "
                f"{known.subject[:100]!r} and {patch.subject[:100]!r}"
            )
    totals = {patch.total for patch in patches}
    if len(totals) > 1:
        raise Refused("it has several series")
    total = totals.pop()
    missing = [n for n in range(1, total + 1) if n not in by_number]
    if missing:
        raise Refused(f"patch {missing[0]}/{total} is missing")
    return [by_number[number] for number in sorted(by_number)]


def main():
    os.mkdir(SERIES)
    for position, name in enumerate(sorted(os.listdir(UPLOADED))):
        path = os.path.join(UPLOADED, name)
        if not name.endswith(".mbox"):
            with open(path, "rb") as file:
                write(f"{position:04}-{name}", file.read())
            continue
        try:
            patches = patches_in(path)
        except Refused as refused:
            print(f"QIBENCH-REFUSED {name} {refused}")
            sys.exit(3)
        for index, patch in enumerate(patches, 1):
            slug = re.sub(
                r"[^A-Za-z0-9]+", "-", TAG.sub("", patch.subject)
            ).strip("-")[:50]
            write(f"{position:04}-{index:04}-{slug}.patch", patch.body)


def write(name, content):
    with open(os.path.join(SERIES, name), "wb") as file:
        file.write(content)


main()
