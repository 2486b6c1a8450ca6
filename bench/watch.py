#!/usr/bin/env python3
"""The watch of a tree of 100,000 files: what it costs to begin, to be idle, and how soon and how completely it tells.

    cargo build --release -p watch --example watching
    python3 bench/watch.py [--files 100000] [--per-directory 20] [--saves 300] [--changed 10000] [--idle 10] [--under DIR] [--out FILE.json]

Measured, with `crates/watch/examples/watching.rs` as the watching process:

- start: wall time until every change is told; resident memory then; the watches taken.
- idle: CPU time of the process over `--idle` seconds.
- save: a file is written, or written beside and renamed over, in turns; the time until this script has read the line of the
  moment from the process, so the way through a pipe and this script's own wake are in it. Median, 99th percentile, worst.
- checkout: `git checkout` between two branches that differ in `--changed` files, forth and back; wall time of git, the time until
  the last moment, CPU time of the watching process, and the moments lost or told for files that do not differ.
- storm: 50,000 files written as fast as this script can; CPU time and moments lost.

The load of the machine is printed with the result: on a busy one the times are worse and the losses must still be 0.
"""

import argparse
import json
import os
import queue
import statistics
import subprocess
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(HERE, "..", "target"))
PROGRAM = os.path.join(TARGET, "release", "examples", "watching")
ENVIRONMENT = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@example.org",
    "GIT_COMMITTER_NAME": "x", "GIT_COMMITTER_EMAIL": "x@example.org",
}


def path_of(at, per_directory):
    directory = at // per_directory
    return os.path.join(f"pkg{directory // 50:04}", f"mod{directory % 50:02}", f"file{at:06}.rs")


def write(root, path, text):
    path = os.path.join(root, path)
    try:
        file = open(path, "w")
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        file = open(path, "w")
    with file:
        file.write(text)


def git(root, *arguments):
    subprocess.run(["git", "-c", "core.fsync=none", "-c", "gc.auto=0", *arguments], cwd=root, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)


class Watching:
    """The process, and its lines with the time at which they were read."""

    def __init__(self, root):
        began = time.monotonic()
        self.process = subprocess.Popen([PROGRAM, root], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.lines = queue.SimpleQueue()
        threading.Thread(target=self.read, daemon=True).start()
        _, line = self.lines.get(timeout=120)
        self.began_ms = (time.monotonic() - began) * 1e3
        self.ready = line.split()

    def read(self):
        for line in self.process.stdout:
            self.lines.put((time.monotonic(), line.rstrip("\n")))

    def cpu_s(self):
        """CPU time of all its threads."""
        total = 0
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            with open(f"/proc/{self.process.pid}/task/{task}/schedstat") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def memory_mb(self, field):
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(field)) / 1024

    def collect(self, quiet_s=1.5):
        """The moments until nothing comes for a while: paths, batches, notes, the time of the last line."""
        moments, batches, notes, last = {}, [], [], None
        while True:
            try:
                at, line = self.lines.get(timeout=quiet_s)
            except queue.Empty:
                return moments, batches, notes, last
            last = at
            word, rest = line.split(" ", 1)
            if word == "batch":
                batches.append(rest)
            elif word == "note":
                notes.append(rest)
            else:
                moments.setdefault(rest, []).append(word)

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def measure_saves(watching, root, args):
    times, wrong = [], 0
    for at in range(args.saves):
        path = path_of(at * 37 % args.files, args.per_directory)
        time.sleep(0.03)
        began = time.monotonic()
        if at % 2:
            write(root, path + ".tmp", f"saved {at}\n")
            os.rename(os.path.join(root, path + ".tmp"), os.path.join(root, path))
        else:
            write(root, path, f"saved {at}\n")
        end, line = watching.lines.get(timeout=10)
        times.append((end - began) * 1e3)
        wrong += line != f"* {path}"
        wrong += not watching.lines.get(timeout=10)[1].startswith("batch 1 ")
    times.sort()
    return {
        "saves": args.saves, "median_ms": round(statistics.median(times), 2),
        "p99_ms": round(times[int(len(times) * 0.99)], 2), "worst_ms": round(times[-1], 2), "wrong": wrong,
    }


def measure_change(watching, change, expected):
    """Runs a change; what it cost, and how what was told differs from what is expected."""
    watching.collect(1.0)
    cpu, began = watching.cpu_s(), time.monotonic()
    change()
    changed = time.monotonic()
    moments, batches, notes, last = watching.collect()
    return {
        "change_s": round(changed - began, 2), "told_after_s": round((last or changed) - began, 2),
        "cpu_s": round(watching.cpu_s() - cpu, 3), "batches": len(batches), "expected": len(expected),
        "lost": len(expected - moments.keys()), "needless": len(moments.keys() - expected),
        "told_twice": sum(len(kinds) > 1 for kinds in moments.values()),
        "rescanned": sum("Some" in batch for batch in batches),
        "checkout": any(" true " in batch for batch in batches), "notes": notes,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--per-directory", type=int, default=20)
    parser.add_argument("--saves", type=int, default=300)
    parser.add_argument("--changed", type=int, default=10_000)
    parser.add_argument("--idle", type=float, default=10)
    parser.add_argument("--under", help="where the tree is made, as /dev/shm, when the disk is busy with other work")
    parser.add_argument("--out")
    args = parser.parse_args()
    result = {"files": args.files, "per_directory": args.per_directory, "load_before": os.getloadavg()}
    with tempfile.TemporaryDirectory(dir=args.under) as root:
        step = max(1, args.files // args.changed)
        differing = {path_of(at, args.per_directory) for at in range(0, args.files, step)}
        for at in range(args.files):
            write(root, path_of(at, args.per_directory), f"file {at}\n")
        git(root, "init", "-q", "-b", "one")
        git(root, "add", ".")
        git(root, "commit", "-qm", "one")
        git(root, "checkout", "-qb", "two")
        for path in differing:
            write(root, path, "another content\n")
        git(root, "add", ".")
        git(root, "commit", "-qm", "two")

        watching = Watching(root)
        _, start_ms, directories, polled, files = watching.ready
        result["load_at_start"] = os.getloadavg()
        result["start"] = {
            "ms": float(start_ms), "with_process_ms": round(watching.began_ms, 1), "directories": int(directories),
            "polled": int(polled), "files": int(files), "rss_mb": round(watching.memory_mb("VmRSS"), 1),
            "cpu_s": round(watching.cpu_s(), 3),
        }
        time.sleep(1)
        cpu = watching.cpu_s()
        time.sleep(args.idle)
        result["idle"] = {
            "seconds": args.idle, "cpu_ms": round((watching.cpu_s() - cpu) * 1e3, 3),
            "rss_mb": round(watching.memory_mb("VmRSS"), 1),
        }
        result["checkout"] = measure_change(watching, lambda: git(root, "checkout", "-q", "one"), differing)
        result["checkout_back"] = measure_change(watching, lambda: git(root, "checkout", "-q", "two"), differing)
        result["save"] = measure_saves(watching, root, args)
        stormed = {f"storm{at % 50}/{at}" for at in range(50_000)}
        result["storm"] = measure_change(watching, lambda: [write(root, path, "x") for path in stormed], stormed)
        result["rss_after_mb"] = round(watching.memory_mb("VmRSS"), 1)
        result["rss_peak_mb"] = round(watching.memory_mb("VmHWM"), 1)
        watching.end()
    result["load_after"] = os.getloadavg()
    print(json.dumps(result, indent=2))
    if args.out:
        with open(args.out, "w") as file:
            json.dump(result, file, indent=2)


if __name__ == "__main__":
    main()
