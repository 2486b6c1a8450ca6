"""Secret scanners beside each other: recall, other lines flagged, speed, on one tree with planted secrets.

Copies a source tree, plants secrets of 42 formats with `gen_corpus.py` and of 30 more by itself, runs the scanners, and lets
`score.py` count. Both scripts are given by --scorer and used in place. Every value is made by a seeded generator and is valid
nowhere; each literal prefix is split, so that this file holds no token.

  cargo build --release -p secrets --example scan
  python3 bench/secrets.py --scorer ../shared/bench/secrets --tree DIR --work /tmp/secrets \\
      --scan target/release/examples/scan \\
      --peer detect-secrets:BIN --peer ripsecrets:BIN --peer secretlint:BIN --peer kingfisher-rules:DIR

A peer is a name that `score.py` knows and what it takes. `--tree` may be given several times; the trees are joined.
"""

import argparse
import base64
import json
import os
import pathlib
import random
import resource
import shutil
import string
import subprocess
import sys
import time

LETTERS = string.ascii_letters
ALNUM = LETTERS + string.digits
UPPER = string.ascii_uppercase + string.digits
LOWER = string.ascii_lowercase + string.digits
URL = ALNUM + "-_"
HEX = "0123456789abcdef"
SKIP = {".git", "target", "__pycache__"}


def formats(rng):
    def some(count, alphabet=ALNUM):
        return "".join(rng.choice(alphabet) for _ in range(count))

    def uuid():
        return "-".join(some(n, HEX) for n in (8, 4, 4, 4, 12))

    def b64(text):
        return base64.b64encode(text.encode()).decode()

    # name: (variable, value maker, line template or None for the template of the file's language)
    return {
        "gitlab-runner": ("RUNNER_TOKEN", lambda: "gl" + "rt-" + some(20, URL), None),
        "gitlab-trigger": ("TRIGGER_TOKEN", lambda: "gl" + "ptt-" + some(40, HEX), None),
        "slack-app": ("SLACK_APP_TOKEN", lambda: "xa" + "pp-1-A" + some(10, UPPER) + "-" + some(13, string.digits) + "-" + some(64, HEX), None),
        "slack-user": ("slack_user_token", lambda: "xo" + "xp-" + "-".join(some(12, string.digits) for _ in range(3)) + "-" + some(32, HEX), None),
        "stripe-webhook": ("STRIPE_WEBHOOK_SECRET", lambda: "wh" + "sec_" + some(32), None),
        "stripe-restricted": ("stripe_key", lambda: "rk" + "_live_" + some(24), None),
        "google-oauth-secret": ("client_secret", lambda: "GOC" + "SPX-" + some(28, URL), None),
        "rubygems": ("GEM_HOST_API_KEY", lambda: "ruby" + "gems_" + some(48, HEX), None),
        "docker-hub": ("DOCKERHUB_TOKEN", lambda: "dck" + "r_pat_" + some(27, URL), None),
        "databricks": ("DATABRICKS_TOKEN", lambda: "da" + "pi" + some(32, HEX), None),
        "grafana-service-account": ("GRAFANA_TOKEN", lambda: "gl" + "sa_" + some(32) + "_" + some(8, HEX), None),
        "new-relic": ("NEW_RELIC_API_KEY", lambda: "NR" + "AK-" + some(27, UPPER), None),
        "postman": ("POSTMAN_API_KEY", lambda: "PM" + "AK-" + some(24, HEX) + "-" + some(34, HEX), None),
        "figma": ("FIGMA_TOKEN", lambda: "fi" + "gd_" + some(40, URL), None),
        "notion": ("NOTION_TOKEN", lambda: "nt" + "n_" + some(11, string.digits) + some(35), None),
        "square": ("SQUARE_TOKEN", lambda: "sq0" + "atp-" + some(22, URL), None),
        "planetscale": ("DB_TOKEN", lambda: "psc" + "ale_tkn_" + some(43, URL), None),
        "groq": ("GROQ_API_KEY", lambda: "gs" + "k_" + some(52), None),
        "replicate": ("REPLICATE_API_TOKEN", lambda: "r" + "8_" + some(37), None),
        "openrouter": ("OPENROUTER_API_KEY", lambda: "sk" + "-or-v1-" + some(64, HEX), None),
        "tailscale": ("TS_AUTHKEY", lambda: "ts" + "key-auth-" + some(12) + "-" + some(32), None),
        "mailchimp": ("MAILCHIMP_KEY", lambda: some(32, HEX) + "-us" + rng.choice("123456789"), None),
        "snyk": ("SNYK_TOKEN", uuid, None),
        "cloudflare": ("CLOUDFLARE_API_TOKEN", lambda: some(40, URL), None),
        "sentry-user": ("SENTRY_AUTH_TOKEN", lambda: "snt" + "ryu_" + some(64, HEX), None),
        "pulumi": ("PULUMI_ACCESS_TOKEN", lambda: "pu" + "l-" + some(40, HEX), None),
        "client-secret-json": ("clientSecret", lambda: some(32), '  {{"clientId": "web", "clientSecret": "{v}"}},'),
        "connection-string": ("conn", lambda: some(16), 'Server=tcp:db.corp,1433;Database=a;User ID=app;Pass' + 'word={v};Encrypt=true;'),
        "basic-auth-header": ("auth", lambda: b64("deploy:" + some(20)), 'curl -H "Author' + 'ization: Basic {v}" https://api.corp/v1'),
        "api-key-query": ("url", lambda: some(32), "https://api.corp/v1/items?page=2&api" + "_key={v}&sort=asc"),
    }


def line_for(extension, name, value):
    return {
        "py": f'{name} = "{value}"', "rs": f'    const {name.upper()}: &str = "{value}";', "go": f'\t{name} := "{value}"',
        "ts": f'const {name} = "{value}";', "tsx": f'const {name} = "{value}";', "js": f'const {name} = "{value}";',
        "yaml": f'  {name}: "{value}"', "yml": f'  {name}: "{value}"', "json": f'  "{name}": "{value}",',
        "toml": f'{name} = "{value}"', "tf": f'{name} = "{value}"', "md": f"    export {name.upper()}={value}",
    }.get(extension, f"export {name.upper()}={value}")


def copy(trees, to):
    shutil.rmtree(to, ignore_errors=True)
    for index, tree in enumerate(trees):
        shutil.copytree(tree, to / f"{index}-{tree.name}", symlinks=True, ignore=lambda _, names: [n for n in names if n in SKIP])
    for path in [p for p in to.rglob("*") if p.is_symlink()]:
        path.unlink()


def plant(tree, truth, seed, each):
    """Plants our formats after those of the generator, and finds all lines anew."""
    rng = random.Random(seed)
    known = json.loads(truth.read_text())
    suffixes = {"py", "rs", "ts", "tsx", "js", "go", "yaml", "yml", "json", "toml", "md", "sh", "env", "tf"}
    files = sorted(p for p in tree.rglob("*") if p.is_file() and p.suffix[1:] in suffixes and 400 < p.stat().st_size < 300_000)
    for _ in range(each):
        for kind, (name, make, template) in formats(rng).items():
            while True:
                path = rng.choice(files)
                try:
                    lines = path.read_text(encoding="utf-8").split("\n")
                except UnicodeDecodeError:
                    continue
                if len(lines) > 10:
                    break
            value = make()
            line = template.format(v=value) if template else line_for(path.suffix[1:], name, value)
            # Not into a private key that was planted before: that would make two secrets of one place.
            while True:
                at = rng.randrange(5, len(lines))
                begun = [n for n, text in enumerate(lines[:at]) if "PRIVATE" + " KEY-----" in text]
                if not begun or "END" in lines[begun[-1]]:
                    break
            lines.insert(at, line)
            path.write_text("\n".join(lines), encoding="utf-8")
            known.append({"kind": kind, "file": str(path.relative_to(tree)), "value": value})
    for entry in known:
        text = (tree / entry["file"]).read_text(encoding="utf-8").split("\n")
        parts = entry["value"].split("\n")
        key = parts[min(1, len(parts) - 1)]
        entry["line"] = 1 + next(n for n, line in enumerate(text) if key in line) - (len(parts) > 1)
        entry["end"] = entry["line"] + len(parts) - 1
    # A secret that stands inside a private key makes two of one place: it is not counted, for nobody.
    def inside(entry):
        return any(k["file"] == entry["file"] and k["line"] < entry["line"] <= k["end"] for k in known)

    known = [entry for entry in known if not inside(entry)]
    truth.write_text(json.dumps(known))
    return len(known), len({entry["kind"] for entry in known})


def ours(binary, tree, out, runs):
    """The best of a few runs in CPU seconds: reading the files included."""
    best = None
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.time()
        with out.open("w") as file:
            subprocess.run([binary, str(tree)], stdout=file, check=True)
        wall, after = time.time() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = min(best or (cpu, wall), (cpu, wall))
    return best


def score(scorer, tree, truth, tool):
    run = subprocess.run([sys.executable, str(scorer / "score.py"), str(tree), str(truth), tool], capture_output=True, text=True)
    if run.returncode != 0 or not run.stdout.strip():
        print(f"{tool}: {run.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return json.loads(run.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scorer", type=pathlib.Path, required=True)
    parser.add_argument("--tree", type=pathlib.Path, action="append", required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--scan", default=str(pathlib.Path(__file__).parent.parent / "target/release/examples/scan"))
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    # `score.py` writes the output of secretlint there.
    os.makedirs("/tmp/gov/sec", exist_ok=True)
    tree, truth = (chosen.work / "tree").resolve(), chosen.work / "truth.json"
    copy([t.resolve() for t in chosen.tree], tree)
    generator = [sys.executable, str(chosen.scorer / "gen_corpus.py"), str(tree), str(truth), str(chosen.seed), str(chosen.each)]
    subprocess.run(generator, check=True, capture_output=True)
    planted, kinds = plant(tree, truth, chosen.seed, chosen.each)
    rows = []
    hits = chosen.work / "hits.txt"
    cpu, wall = ours(chosen.scan, tree, hits, chosen.runs)
    row = score(chosen.scorer, tree, truth, f"lines:{hits}")
    rows.append({**row, "tool": "waypost", "cpu_s": cpu, "wall_s": wall, "mb_per_cpu_s": row["corpus_mb"] / cpu})
    for peer in chosen.peer:
        print(f"{peer} …", file=sys.stderr, flush=True)
        if row := score(chosen.scorer, tree, truth, peer):
            rows.append(row)
            print(json.dumps(row), file=sys.stderr, flush=True)
    print(f"{planted} secrets of {kinds} formats in {rows[0]['corpus_mb']} MB, seed {chosen.seed}\n")
    print("| scanner | found | recall | other lines | found of all flagged | MB per CPU second |")
    print("|---|--:|--:|--:|--:|--:|")
    for row in rows:
        speed = f"{row['mb_per_cpu_s']:.2f}" if row["mb_per_cpu_s"] else "–"
        share = row["found"] / max(1, row["found"] + row["extra_lines"])
        print(f"| {row['tool']} | {row['found']} | {row['recall']:.3f} | {row['extra_lines']} | {share:.3f} | {speed} |")
    for row in rows:
        print(f"\nmissed by {row['tool']}: " + (", ".join(f"{kind} {count}" for kind, count in row["missed"].items()) or "nothing"))


if __name__ == "__main__":
    main()
