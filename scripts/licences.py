#!/usr/bin/env python3
"""Writes THIRD-PARTY-LICENSES.txt: the licences of all that is inside a released binary, with their texts.

  scripts/licences.py [--check]     --check: is the file as it would be written?

Nothing is downloaded: the texts come from the sources of the crates (`cargo fetch` has them). Where a
crate may be had under the MIT licence, that text is taken, and the usual one where its sources have
none. Any other crate without a text is an error. (Which licences may come in is in deny.toml.)
"""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE = ROOT / "THIRD-PARTY-LICENSES.txt"
# What is released: dist-workspace.toml and .github/workflows/packages.yml.
TARGETS = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl", "x86_64-unknown-linux-gnu",
           "aarch64-unknown-linux-gnu", "x86_64-apple-darwin", "aarch64-apple-darwin"]
NAMES = ("license", "licence", "copying", "notice", "copyright", "unlicense")
MIT = """\
Permission is hereby granted, free of charge, to any person obtaining
a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including
without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to
permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be
included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND,
EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT.
IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY
CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT,
TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."""
MIT_BEGINS = " ".join(MIT.split())[:50]
MUSL = "Copyright © 2005-2020 Rich Felker, et al.\n\n" + MIT
HEAD = """\
ccwatch is licensed under MIT or Apache-2.0. A released binary also has the software below inside, each
under the licence that follows its name. SQLite is in the public domain. The standard library of Rust,
by The Rust Project Developers, is under MIT or Apache-2.0, whose texts are here, too.

Made by scripts/licences.py; a change to the dependencies changes it.
"""


def cargo(*words):
    done = subprocess.run(["cargo", *words, "--locked", "--offline"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def inside():
    """Name and version of each crate whose code is in the binary, for any target."""
    found = set()
    for target in TARGETS:
        tree = cargo("tree", "-p", "ccwatch", "-e", "normal,no-proc-macro", "--target", target,
                     "--prefix", "none", "--format", "{p}")
        found |= {tuple(line.split()[:2]) for line in tree.splitlines() if line}
    return {(name, version.lstrip("v")) for name, version in found if not name.startswith("ccwatch")}


def is_mit(package):
    terms = (package["license"] or "").replace("/", " OR ")
    return " AND " not in terms and "MIT" in terms.split(" OR ")


def texts(package):
    """The texts that go with a crate, without those that one may choose against."""
    folder = pathlib.Path(package["manifest_path"]).parent
    files = sorted(path for path in folder.rglob("*")
                   if path.is_file() and path.name.lower().startswith(NAMES)
                   and path.suffix not in (".rs", ".json", ".toml", ".html"))
    found = [path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").strip() for path in files]
    found = ["\n".join(line.rstrip() for line in text.split("\n")) for text in found if text]
    if not is_mit(package):
        return found
    mit = [text for text in found if MIT_BEGINS in " ".join(text.split())]
    by = ", ".join(package["authors"]) or f"the authors of {package['repository']}"
    return mit or found or [f"By {by}.\n\n{MIT}"]


def page():
    metadata = json.loads(cargo("metadata", "--format-version", "1"))
    packages = {(one["name"], one["version"]): one for one in metadata["packages"]}
    # By the words, however they are broken into lines: the text, and who goes by it.
    groups = {}

    def add(text, name):
        groups.setdefault(" ".join(text.split()), (text, []))[1].append(name)

    add(MUSL, "musl, the C library, in the static binaries for Linux (MIT)")
    for key in sorted(inside()):
        package = packages[key]
        found = texts(package)
        if not found:
            sys.exit(f"{key[0]} {key[1]} has no text of its licence in its sources")
        for text in dict.fromkeys(found):
            add(text, f"{key[0]} {key[1]} ({package['license']})")
    parts = ["\n".join([*names, "", text]) for text, names in groups.values()]
    line = "\n\n" + "-" * 80 + "\n\n"
    return line.join([HEAD.strip(), *sorted(parts)]) + "\n"


def main():
    text = page()
    if "--check" not in sys.argv[1:]:
        FILE.write_text(text, encoding="utf-8")
    elif not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
        sys.exit(f"{FILE.name} isn't what scripts/licences.py writes: run it")


if __name__ == "__main__":
    main()
