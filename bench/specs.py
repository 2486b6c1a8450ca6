#!/usr/bin/env python3
"""The spec engine on a large repository: makes one, then measures a cold `spec check`, one keystroke in the
language server, and memory. Beside them, in the same run, the floor: reading every byte of the same documents.

    python3 bench/specs.py --make /tmp/specs-300          # 300 specs of 60 kB
    python3 bench/specs.py --measure /tmp/specs-300 --runs 7

The documents are made from word lists with a fixed seed, so that two machines measure the same bytes."""
import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import time

ACTORS = "Ledger Router Planner Gateway Scheduler Cache_Store Session_Guard Import_Worker Report_View Mailer".split()
NOUNS = "order invoice session token upload report schedule folder message account quota webhook export".split()
VERBS = "store reject return archive notify retry encrypt validate render forward queue resume".split()
WHENS = "is received|expires|exceeds its quota|is cancelled by the owner|fails validation|is opened twice".split("|")
NUMBERS = [2, 3, 5, 10, 20, 30, 60, 90, 100, 250, 500, 1000]


def requirements(rng, size):
    actors = rng.sample(ACTORS, 5)
    out = ["# Requirements Document\n\n## Introduction\n\nWhat the part has to do.\n\n## Glossary\n"]
    out += [f"- **{a}**: the part that deals with {rng.choice(NOUNS)}s\n" for a in actors]
    out.append("\n## Requirements\n")
    ids, number = [], 0
    while sum(map(len, out)) < size:
        number += 1
        noun = rng.choice(NOUNS)
        out.append(f"\n### Requirement {number}: {noun.capitalize()} handling {number}\n\n**User Story:** As an owner, "
                   f"I want each {noun} handled, so that nothing is lost.\n\n#### Acceptance Criteria\n\n")
        for criterion in range(1, rng.randint(3, 7)):
            ids.append(f"{number}.{criterion}")
            actor, verb, other = rng.choice(actors), rng.choice(VERBS), rng.choice(NOUNS)
            serial = rng.randint(1000, 9999)
            head = rng.choice(["WHEN", "IF", "WHILE"])
            then = "THEN " if head == "IF" else ""
            out.append(f"{criterion}. {head} a {noun} {rng.choice(WHENS)}, {then}THE {actor} SHALL {verb} the {other} "
                       f"`{noun}-{serial}` within {rng.choice(NUMBERS)} seconds.\n")
    return "".join(out), ids


def design(rng, size, ids):
    out = ["# Design Document\n\n## Overview\n\nParts and how they meet.\n\n## Architecture\n\n```mermaid\ngraph TD\n  A --> B\n```\n"
           "\n## Components and Interfaces\n"]
    while sum(map(len, out)) < size * 0.8:
        out.append(f"\n### {rng.choice(ACTORS)} {rng.randint(1, 999)}\n\n" + " ".join(
            rng.choice(NOUNS + VERBS) for _ in range(90)) + ".\n")
    out.append("\n## Data Models\n\nRows.\n\n## Correctness Properties\n")
    for number in range(1, 8):
        out.append(f"\n### Property {number}: Holds {number}\n\n*For any* input it holds.\n\n**Validates: Requirements {rng.choice(ids)}**\n")
    out.append("\n## Error Handling\n\nErrors are told.\n\n## Testing Strategy\n\nTests.\n")
    return "".join(out)


def tasks(rng, size, ids):
    out = ["# Implementation Plan: Part\n\n## Overview\n\nBottom up.\n\n## Tasks\n\n"]
    waves, number, left = [], 0, list(ids)
    while sum(map(len, out)) < size * 0.9 or left:
        number += 1
        out.append(f"- [ ] {number}. Build part {number}\n")
        wave = []
        for sub in range(1, 5):
            cited = [left.pop(0) for _ in range(min(2, len(left)))] or [rng.choice(ids)]
            path = f"src/part_{number}/{rng.choice(NOUNS)}_{sub}.rs"
            out.append(f"  - [{rng.choice(' x')}] {number}.{sub} Create `{path}`\n    - " + " ".join(
                rng.choice(NOUNS + VERBS) for _ in range(25)) + f"\n    - _Requirements: {', '.join(cited)}_\n")
            wave.append(f"{number}.{sub}")
        waves.append(wave)
    graph = {"waves": [{"id": i, "tasks": w} for i, w in enumerate(waves)]}
    out.append("\n## Notes\n\n- None.\n\n## Task Dependency Graph\n\n```json\n" + json.dumps(graph) + "\n```\n")
    return "".join(out)


def make(root, count, size):
    for index in range(count):
        rng = random.Random(index)
        folder = root / ".kiro/specs" / f"part-{index:03}"
        folder.mkdir(parents=True, exist_ok=True)
        text, ids = requirements(rng, size * 0.35)
        (folder / "requirements.md").write_text(text)
        (folder / "design.md").write_text(design(rng, size * 0.3, ids))
        (folder / "tasks.md").write_text(tasks(rng, size * 0.35, ids))
    total = sum(p.stat().st_size for p in root.rglob("*.md"))
    print(f"{count} specs, {total / count / 1000:.1f} kB each, {total / 1e6:.1f} MB")


def run(command):
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    return time.perf_counter() - start, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


class Lsp:
    """A client of the language server that does no more than the protocol asks."""

    def __init__(self, binary, root):
        self.child = subprocess.Popen([binary, "-C", str(root), "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL)
        self.last = 0

    def send(self, body):
        data = json.dumps({"jsonrpc": "2.0", **body}).encode()
        self.child.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self.child.stdin.flush()

    def read(self):
        length = 0
        while (line := self.child.stdout.readline().strip()):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return json.loads(self.child.stdout.read(length))

    def request(self, method, params):
        self.last += 1
        self.send({"id": self.last, "method": method, "params": params})
        while (answer := self.read()).get("id") != self.last or "method" in answer:
            if "id" in answer and "method" in answer:
                self.send({"id": answer["id"], "result": None})
        return answer

    def until(self, method, uri):
        while True:
            message = self.read()
            if "id" in message and "method" in message:
                self.send({"id": message["id"], "result": None})
            if message.get("method") == method and message["params"].get("uri") == uri:
                return message


def keystrokes(binary, root, count):
    client = Lsp(binary, root)
    client.request("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": {}})
    client.send({"method": "initialized", "params": {}})
    path = root / ".kiro/specs/part-000/requirements.md"
    uri, text = path.as_uri(), path.read_text()
    client.send({"method": "textDocument/didOpen", "params": {"textDocument": {
        "uri": uri, "languageId": "markdown", "version": 1, "text": text}}})
    client.until("textDocument/publishDiagnostics", uri)
    time.sleep(2)  # the first look at the whole repository is not a keystroke
    line = text[:text.index("1. ")].count("\n")
    times = []
    for version in range(2, count + 2):
        at = {"line": line, "character": 3}
        start = time.perf_counter()
        client.send({"method": "textDocument/didChange", "params": {
            "textDocument": {"uri": uri, "version": version},
            "contentChanges": [{"range": {"start": at, "end": at}, "text": "x"}]}})
        client.until("textDocument/publishDiagnostics", uri)
        times.append(time.perf_counter() - start)
    status = pathlib.Path(f"/proc/{client.child.pid}/status").read_text()
    peak = next(int(l.split()[1]) / 1024 for l in status.splitlines() if l.startswith("VmHWM"))
    client.request("shutdown", None)
    client.send({"method": "exit"})
    client.child.wait(10)
    return times, peak


def measure(root, binary, runs):
    files = [p for p in root.rglob("*") if p.is_file()]

    def floor():
        start = time.perf_counter()
        for path in files:
            path.read_bytes()
        return time.perf_counter() - start

    checks, floors = [], []
    for _ in range(runs):
        floors.append(floor())
        checks.append(run([binary, "-C", str(root), "spec", "check"]))
    if any(code not in (0, 1) for _, _, code in checks):
        sys.exit(f"spec check ended with {[code for *_, code in checks]}")
    wall = statistics.median(w for w, *_ in checks)
    read = statistics.median(floors)
    print(f"cold spec check: {wall * 1000:.0f} ms, {max(m for _, m, _ in checks):.0f} MB peak; "
          f"reading the same files in Python: {read * 1000:.0f} ms ({wall / read:.1f} x)")
    times, peak = keystrokes(binary, root, 200)
    print(f"keystroke to diagnostics: median {statistics.median(times) * 1000:.2f} ms, "
          f"99th {sorted(times)[int(len(times) * .99)] * 1000:.2f} ms; server {peak:.0f} MB peak")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--make", type=pathlib.Path)
    parser.add_argument("--measure", type=pathlib.Path)
    parser.add_argument("--specs", type=int, default=300)
    parser.add_argument("--size", type=int, default=60_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--waypost", default=os.environ.get("WAYPOST", str(
        pathlib.Path(__file__).parent.parent / "target/release/waypost")))
    chosen = parser.parse_args()
    if chosen.make:
        make(chosen.make, chosen.specs, chosen.size)
    if chosen.measure:
        measure(chosen.measure.resolve(), chosen.waypost, chosen.runs)
