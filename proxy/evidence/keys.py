"""Where things are in the table of evidence, and for how long.

All that is known of a route has the partition key evidence#<route id>; the sort key `sk` says what an item is:

contract#<revision>                      how the route's recorded cases went, the last time
count#<revision>#<code>#<hour>           counters of an hour in UTC, such as 2026-11-27T05
path#<revision>#<code>#<place>           how often the sides differ at one path, and legacy from itself
sample#<revision>#<code>#<place>#<slot>  an example of that, redacted

`revision` names the question that was asked (see proxy/routing/revision.py), `code` the version of the function that
asked: what another handler or newly deployed code answers is nobody's evidence for this one.
"""

import time
from hashlib import blake2b

LIFETIME_S = 30 * 24 * 3600  # after the last write
EXPIRY = "expires_at"
PARTITION = "evidence#"
CONTRACT, COUNT, PATH, SAMPLE = "contract#", "count#", "path#", "sample#"

# What is counted of comparisons, beside why_<outcome>_<reason>; and of a canary's answers.
OUTCOMES = ("equal", "different", "candidate_failed", "comparator_failed", "skipped")
# How many have begun, how many of those have ended, and for how many legacy was asked twice.
STARTED, FINISHED, NOISE_TOTAL = "started", "finished", "noise_total"
WHY = "why_"
# Of one path: comparisons that differ there, those of them in which legacy was asked twice, and those in which legacy
# differed from itself there.
RAW, RAW_NOISY, NOISE = "raw", "raw_noisy", "noise"
REST = "*"  # the path of all differences beyond MAX_PLACES
MAX_PLACES = 50
SLOTS = 5

Key = dict[str, dict[str, str]]


def key_of(route_id: str, sort_key: str) -> Key:
    """Return the two attributes that are an item's key."""
    return {"pk": {"S": f"{PARTITION}{route_id}"}, "sk": {"S": sort_key}}


def contract_key(revision: str) -> str:
    """Return the sort key of a contract's result."""
    return f"{CONTRACT}{revision}"


def count_key(revision: str, code: str, hour: str) -> str:
    """Return the sort key of an hour's counters."""
    return f"{COUNT}{revision}#{code}#{hour}"


def path_key(revision: str, code: str, place: str) -> str:
    """Return the sort key of what is counted at a place."""
    return f"{PATH}{revision}#{code}#{place}"


def sample_key(revision: str, code: str, place: str, slot: int) -> str:
    """Return the sort key of an example."""
    return f"{SAMPLE}{revision}#{code}#{place}#{slot}"


def place_of(kind: str, path: str) -> str:
    """Return a short name for a kind of difference at a path; paths are as long as people's data makes them."""
    return blake2b(f"{kind} {path}".encode(), digest_size=6).hexdigest()


def hour_of(wall_s: float) -> str:
    """Return the hour of a time in seconds since 1970."""
    return time.strftime("%Y-%m-%dT%H", time.gmtime(wall_s))


def expiry_at(wall_s: float) -> dict[str, str]:
    """Return when something that is written at a time expires, as an attribute's value."""
    return {"N": str(int(wall_s) + LIFETIME_S)}
