# docs/guide/check_entry.py: reads what laurel.prove_entry(ENTRY) returned; KEPT is the hash of the seal that was kept.
import hashlib, json, os, sys, uuid
sys.excepthook = lambda kind, error, trace: print(f"not proven: this is no proof ({kind.__name__}: {error})", file=sys.stderr)
sha, number = lambda b: hashlib.sha256(b).digest(), lambda b: int.from_bytes(b, "big", signed=True)
must = lambda truth, what: truth or sys.exit(f"not proven: {what}")
def chain(links):
    must(all(link[1:33] == sha(before) for before, link in zip(links, links[1:])), "a link is broken")
    return sha(links[-1])
proof = json.load(sys.stdin)
leaf, entries, seals = bytes.fromhex(proof["leaf"]), *([bytes.fromhex(x) for x in proof[k]] for k in ("entries", "seals"))
must(leaf[24:] == chain(entries), "the entries do not lead to the leaf")
must(uuid.UUID(bytes=entries[0][33:49]) == uuid.UUID(os.environ["ENTRY"]), "it is another entry")
node = sha(b"\0" + leaf)
for side, other in ((side, bytes.fromhex(x)) for side, x in proof["path"]):
    node = sha(b"\1" + (other + node if side == "left" else node + other))
kept = bytes.fromhex(os.environ["KEPT"].removeprefix("\\x"))
must(seals[0][-32:] == node and chain(seals) == kept, "it is not under the seal that was kept")
print(f"proven: entry {number(entries[0][81:89])} of {number(entries[0][89:97])} points, after it {number(entries[0][97:105])}")
