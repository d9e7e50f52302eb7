#!/usr/bin/env python3
"""Is a language's generated code what its protos give now?

    generated_test.py go OUT
"""

import filecmp
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[2]


def differences(one, other):
    """The files that are not the same in both folders."""
    compared = filecmp.dircmp(one, other, ignore=[])
    _, changed, unreadable = filecmp.cmpfiles(one, other, compared.common_files, shallow=False)
    found = [pathlib.Path(one, name)
             for name in compared.left_only + compared.right_only + changed + unreadable]
    for name in compared.common_dirs:
        found += differences(pathlib.Path(one, name), pathlib.Path(other, name))
    return found


def main():
    language, out = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="outrigger-generated-") as copy:
        # Of what is in git only: people build in their trees.
        files = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "proto", "client_stubs/" + language],
            cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
        trees = [pathlib.Path(copy, name) for name in ("now", "generated")]
        for tree in trees:
            for name in filter(None, files):
                target = tree / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, target)
        subprocess.run(["make", "-C", trees[1] / "client_stubs" / language, "generate",
                        "OUT=" + out], check=True)
        stale = differences(*trees)
    for path in stale:
        print("not up to date (`make stubs` mends it):", path.relative_to(trees[0]))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
