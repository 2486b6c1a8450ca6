#!/usr/bin/env python3
"""`waypost hooks watch` in a tree of 100,000 files: how soon a hook's command runs after a save, what a checkout costs, what idling costs.

    cargo build --release
    python3 bench/hooks.py [--files 100000] [--saves 200] [--changed 10000] [--idle 10] [--under DIR] [--out FILE.json]

- save: a file is written, or written beside and renamed over, in turns; until the first word of the hook's command is executed, by
  the clock of the machine (`$EPOCHREALTIME` in bash). Gate, record on disk, checkpoint and sandbox are in it. Median, 99th, worst.
- checkout: `git checkout` between two branches that differ in `--changed` files of which every hundredth matters to the hook;
  CPU time of the daemon and its threads, and the files that no run of the hook was told of.
- idle: CPU time of the daemon over `--idle` seconds, its resident memory, and what of that is its own: the rest are pages of the
  program's file.

The load of the machine is printed with the result.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(HERE, "..", "target"))
PROGRAM = os.path.join(TARGET, "release", "waypost")


def path_of(at):
    directory = at // 20
    return f"pkg{directory // 50:04}/mod{directory % 50:02}/file{at:06}.rs"


def write(root, path, text):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def cpu(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid, name="VmRSS"):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(name))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in [("files", 100_000), ("saves", 200), ("changed", 10_000), ("idle", 10)]:
        options.add_argument(f"--{name}", type=int, default=value)
    options.add_argument("--under")
    options.add_argument("--out")
    options = options.parse_args()
    with tempfile.TemporaryDirectory(dir=options.under) as base:
        root = os.path.realpath(os.path.join(base, "work"))
        environment = {
            "PATH": os.environ["PATH"], "HOME": os.path.join(base, "home"), "XDG_STATE_HOME": os.path.join(base, "state"),
            "XDG_CONFIG_HOME": os.path.join(base, "config"), "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@example.org",
            "GIT_COMMITTER_NAME": "x", "GIT_COMMITTER_EMAIL": "x@example.org",
        }
        os.makedirs(os.path.join(base, "home"))
        os.makedirs(os.path.join(base, "config", "waypost"))
        with open(os.path.join(base, "config", "waypost", "config.toml"), "w") as config:
            config.write("[hooks]\nper_minute = 100000\n")
        for at in range(options.files):
            write(root, path_of(at), f"one {at}\n")
        write(root, ".gitignore", "times.log\npaths.log\n")
        hooks = [
            {"name": "saved", "trigger": "PostFileSave", "matcher": "^watched/",
             "action": {"type": "command", "command": "echo $EPOCHREALTIME >> times.log"}},
            {"name": "checked-out", "trigger": "PostFileSave", "matcher": "00\\.rs$",
             "action": {"type": "command", "command": "cat >> paths.log"}},
        ]
        write(root, ".kiro/hooks/all.json", json.dumps({"version": "v1", "hooks": hooks}))
        write(root, "watched/a.txt", "0\n")

        def git(*words):
            subprocess.run(["git", "-c", "core.fsync=none", "-c", "gc.auto=0", *words], cwd=root, env=environment, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        git("init", "-q", "-b", "one")
        git("add", "-A")
        git("commit", "-qm", "one")
        git("checkout", "-q", "-b", "two")
        for at in range(options.changed):
            write(root, path_of(at), f"two {at}\n")
        git("commit", "-qam", "two")
        git("checkout", "-q", "one")
        subprocess.run([PROGRAM, "trust", "--yes"], cwd=root, env=environment, check=True, stdout=subprocess.DEVNULL)
        said = open(os.path.join(base, "said"), "w")
        daemon = subprocess.Popen([PROGRAM, "hooks", "watch"], cwd=root, env=environment,
                                  stdout=subprocess.DEVNULL, stderr=said)
        result = {"load": os.getloadavg()[0]}
        try:
            began = time.time()
            times = os.path.join(root, "times.log")
            while not os.path.exists(times) and time.time() - began < 120:
                time.sleep(1)
                write(root, "watched/a.txt", f"{time.time()}\n")
            time.sleep(3)
            waits = []
            for at in range(options.saves):
                before = os.path.getsize(times)
                saved = time.time()
                if at % 2:
                    write(root, "watched/a.txt", f"{at}\n")
                else:
                    write(root, "watched/.a.tmp", f"{at}\n")
                    os.rename(os.path.join(root, "watched/.a.tmp"), os.path.join(root, "watched/a.txt"))
                until = time.time() + 10
                while os.path.getsize(times) == before and time.time() < until:
                    time.sleep(0.0005)
                with open(times) as log:
                    last = float(log.read().split()[-1])
                waits.append((last - saved) * 1000)
                time.sleep(0.15)
            waits.sort()
            result["save_ms"] = {"median": round(statistics.median(waits), 1),
                                 "p99": round(waits[int(len(waits) * 0.99)], 1), "worst": round(waits[-1], 1)}
            matter = {path_of(at) for at in range(options.changed) if at % 100 == 0}
            for branch in ["two", "one"]:
                before = cpu(daemon.pid)
                git("checkout", "-q", branch)
                time.sleep(8)
                told = set()
                paths = os.path.join(root, "paths.log")
                if os.path.exists(paths):
                    with open(paths) as log:
                        for line in log:
                            payload = json.loads(line)
                            told.update(payload.get("waypost", {}).get("file_paths") or [payload.get("file_path")])
                    os.remove(paths)
                result[f"checkout_{branch}"] = {"cpu_s": round(cpu(daemon.pid) - before, 2),
                                                "lost": len(matter - told), "of": len(matter), "needless": len(told - matter)}
            # The daemon rests when nothing came for some seconds.
            time.sleep(6)
            before = cpu(daemon.pid)
            time.sleep(options.idle)
            result["idle"] = {"cpu_ms": round((cpu(daemon.pid) - before) * 1000, 1),
                              "resident_mib": round(resident(daemon.pid), 1),
                              "own_mib": round(resident(daemon.pid, "RssAnon"), 1)}
            if any(result[f"checkout_{branch}"]["lost"] for branch in ["two", "one"]):
                with open(os.path.join(base, "said")) as words:
                    print("".join(words.readlines()[-30:]))
        finally:
            daemon.terminate()
            daemon.wait()
    print(json.dumps(result, indent=2))
    if options.out:
        with open(options.out, "w") as out:
            json.dump(result, out, indent=2)


if __name__ == "__main__":
    main()
