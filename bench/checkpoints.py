#!/usr/bin/env python3
"""Checkpoints of a tree of 100,000 files, beside `git add -A && git write-tree` and `git stash create`, in one run.

    cargo build --release -p vcs --example checkpoints
    python3 bench/checkpoints.py [--files 100000] [--rounds 7] [--calls 200] [--out FILE.json]

Each row is the median of the rounds, in milliseconds of wall time; the runs of the three are interleaved. `git` works in a
repository of its own (`--git-dir` and index elsewhere, so that nothing of one warms the other), with its untracked cache
off and on. Then a session of ours alone: `--calls` shell calls one after another, each of which changes 0, 1 or 100 files,
with a checkpoint before and after it as `waypost run` takes them; median, 99th percentile and the worst.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(HERE, "..", "target"))
PROGRAM = os.path.join(TARGET, "release", "examples", "checkpoints")
ENVIRONMENT = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@example.org",
    "GIT_COMMITTER_NAME": "x", "GIT_COMMITTER_EMAIL": "x@example.org",
}


def make_tree(root, count):
    """Files of 0.4 to 4 kB, twenty to a directory, fifty directories to a package."""
    chance = random.Random(1)
    for at in range(count):
        directory = os.path.join(root, f"pkg{at // 1000:03}", f"mod{at // 20 % 50:02}")
        if at % 20 == 0:
            os.makedirs(directory)
        with open(os.path.join(directory, f"file_{at % 20:02}.rs"), "w") as file:
            for line in range(chance.randint(10, 100)):
                file.write(f"pub fn f{at}_{line}() -> u32 {{ {chance.randint(0, 9999)} }}\n")


class Ours:
    def __init__(self, state, tree):
        self.process = subprocess.Popen([PROGRAM, state, tree], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline().split()
        if not line:
            sys.exit(f"`{word}` gave no answer")
        return float(line[0]), line[1:]


def git(tree, directory, *arguments):
    command = ["git", f"--git-dir={directory}", f"--work-tree={tree}", *arguments]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=tree, env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command}: {done.stderr}")
    return (time.perf_counter() - start) * 1000, done.stdout.strip()


def add_and_write(tree, directory):
    first, _ = git(tree, directory, "add", "-A")
    second, _ = git(tree, directory, "write-tree")
    return first + second


def touch(tree, count, round_):
    """Changes so many files, spread over the tree."""
    chance = random.Random(round_ * 1000 + count)
    for _ in range(count):
        package, module, file = chance.randrange(len(os.listdir(tree))), chance.randrange(50), chance.randrange(20)
        with open(os.path.join(tree, f"pkg{package:03}", f"mod{module:02}", f"file_{file:02}.rs"), "a") as out:
            out.write(f"// changed in round {round_}\n")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--out")
    options = parser.parse_args()
    place = tempfile.mkdtemp(prefix="checkpoints-")
    tree, state, plain, cached = (os.path.join(place, name) for name in ("tree", "state", "git", "git-cached"))
    rows = {}

    def row(name, milliseconds):
        rows.setdefault(name, []).append(milliseconds)

    try:
        make_tree(tree, options.files)
        time.sleep(1)
        for directory in (plain, cached):
            subprocess.run(["git", "init", "-q", "--bare", directory], env=ENVIRONMENT, check=True)
            git(tree, directory, "config", "core.bare", "false")
        git(tree, cached, "config", "core.untrackedCache", "true")
        ours = Ours(state, tree)
        row("first: ours", ours.ask("before")[0])
        ours.ask("after")
        row("first: git add && write-tree", add_and_write(tree, plain))
        add_and_write(tree, cached)
        for directory in (plain, cached):
            git(tree, directory, "commit", "-qm", "one")
            git(tree, directory, "status", "--porcelain")
        row("first again, new process: ours", ours.ask("open")[0] + ours.ask("before")[0])
        ours.ask("after")
        for round_ in range(options.rounds):
            for count, name in ((0, "unchanged"), (1, "1 changed"), (100, "100 changed")):
                ours.ask("warm")
                touch(tree, count, round_)
                wall, facts = ours.ask("before")
                row(f"{name}: ours, before the call{'' if facts[2] == 'true' else ' (not watched)'}", wall)
                row(f"{name}: git add && write-tree", add_and_write(tree, plain))
                row(f"{name}: the same, untracked cache", add_and_write(tree, cached))
                git(tree, plain, "commit", "-qm", "before", "--allow-empty")
                touch(tree, count, round_ + 100)
                row(f"{name}: git stash create", git(tree, plain, "stash", "create")[0])
                wall, _ = ours.ask("after")
                row(f"{name}: ours, after the call (every file)", wall)
                if count:
                    wall, facts = ours.ask("restore")
                    if facts[2] != "true":
                        sys.exit(f"the restore was not exact: {facts}")
                    row(f"{name}: ours, plan and restore", wall)
                ours.ask("open")
                row(f"{name}: ours, in a new process", ours.ask("before")[0])
                ours.ask("after")
        ours.ask("open")
        ours.ask("warm")
        for at in range(options.calls):
            row("a session: before a call", ours.ask("before")[0])
            touch(tree, (0, 1, 100)[at % 3], 10_000 + at)
            row("a session: after a call (every file)", ours.ask("after")[0])
            if at % 2:
                # A person edits while the model thinks.
                touch(tree, 3, 50_000 + at)
        sizes = {
            "tree": sum(os.path.getsize(os.path.join(where, name)) for where, _, names in os.walk(tree) for name in names),
            "store": sum(os.path.getsize(os.path.join(state, name)) for name in os.listdir(state) if os.path.isfile(os.path.join(state, name))),
        }
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print(f"{options.files} files, {options.rounds} rounds, load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    for name, values in rows.items():
        print(f"{name:58} {statistics.median(values):9.1f} ms   least {min(values):9.1f}   most {max(values):9.1f}"
              + (f"   p99 {percentile(values, 99):9.1f}" if len(values) >= 100 else ""))
    print(f"bytes of files {sizes['tree']:,}, of the store {sizes['store']:,}")
    if options.out:
        with open(options.out, "w") as file:
            json.dump({"rows": rows, "sizes": sizes, "files": options.files}, file, indent=1)


if __name__ == "__main__":
    main()
