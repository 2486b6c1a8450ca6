#!/usr/bin/env python3
"""Verifies a Waypost ledger with Python alone: verify_ledger.py STATE PUBLIC_KEY. See ledger-format.md."""
import hashlib, json, pathlib, sys
sys.tracebacklimit = 0  # what is wrong is one line

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P

def mul(n, p):
    q = (0, 1, 1, 0)
    while n:
        q, p, n = (add(q, p) if n & 1 else q), add(p, p), n >> 1
    return q

def point(raw):
    y = int.from_bytes(raw, "little") & (1 << 255) - 1
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    x = x if x * x % P == xx else x * pow(2, (P - 1) // 4, P) % P
    assert y < P and x * x % P == xx, "no point"
    x = P - x if x & 1 != raw[31] >> 7 else x
    return x, y, 1, x * y % P

BASE = point(bytes.fromhex("58" + "66" * 31))

def signed(key, text, sig):
    s = int.from_bytes(sig[32:], "little")
    k = int.from_bytes(hashlib.sha512(sig[:32] + key + text).digest(), "little") % L
    p, q = mul(s, BASE), add(point(sig[:32]), mul(k, point(key)))
    return s < L and (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0

def sha(raw): return hashlib.sha256(raw).hexdigest()

def texts(raw):  # the elements of a JSON array, byte for byte
    text, at, found = raw.decode(), 1, []
    while text[at] != "]":
        value, end = json.JSONDecoder().raw_decode(text, at)
        found.append(None if value is None else sha(text[at:end].encode()))
        at = end + (text[end] == ",")
    return found

def journal(path):  # the hashes of the records
    hashes, prev = [], "0" * 64
    for seq, line in enumerate(path.read_bytes().split(b"\n")[:-1]):
        record, at = json.loads(line), line.rindex(b',"hash":"')
        prev, before = sha(line[:at]), prev
        assert line[at + 9:at + 73] == prev.encode(), f"{path}: record {seq} was edited"
        assert (record["seq"], record["prev"]) == (seq, before), f"{path}: record {seq} is out of place"
        found = texts(line[at + 83:-1]) if "texts" in record else []
        same = [a is None or a == b for a, b in zip(found, record.get("salted", []))]
        assert all(same) and len(found) == len(record.get("salted", [])), f"{path}: a text of {seq} was edited"
        hashes.append(prev)
    return hashes

state, known = pathlib.Path(sys.argv[1]), sys.argv[2]
prev, key, to, seen, heads, journals, ends = "0" * 64, None, None, False, 0, {}, {}
for seq, line in enumerate((state / "device/heads").read_bytes().split(b"\n")[:-1]):
    head, body = json.loads(line), json.loads(line)["body"]
    if head["type"] == "key":
        vouched = body["replaces"] is None and key in (None, *([key] if to == body["public"] else []))
        key, to, seen = body["public"], None, (seen and vouched) or body["public"] == known
        # A known key stands for everything before it; what comes after it has to be vouched for.
    text = b"waypost chain of heads 1\n" + line[:line.rindex(b',"sig":"')]
    assert (head["seq"], head["prev"]) == (seq, prev), f"head {seq} is out of place"
    assert head["key"] == sha(bytes.fromhex(key)), f"head {seq} is by another key"
    assert signed(bytes.fromhex(key), text, bytes.fromhex(head["sig"])), f"head {seq} is forged"
    to, prev, heads = body.get("to", to), sha(line), heads + 1
    if head["type"] == "head" and body["records"]:
        hashes = journals.get(body["journal"])
        if hashes is None:
            hashes = journals[body["journal"]] = journal(state / body["journal"] / "journal.jsonl")
        said = hashes[body["records"] - 1:body["records"]]
        assert said == [body["hash"]], f"head {seq}: {body['journal']} is not as it was signed"
        ends[body["journal"]] = max(body["records"], ends.get(body["journal"], 0))
assert seen, "the key is not the one that you know"
count, covered = sum(map(len, journals.values())), sum(ends.values())
print(f"{heads} heads, {len(journals)} journals, {count} records: whole, {count - covered} behind the last heads")
