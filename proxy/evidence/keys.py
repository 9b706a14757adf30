"""Where things are in the table of evidence, and for how long.

All that is known of a route has the partition key evidence#<route id>; the sort key `sk` says what an item is:

contract#<revision>#<code>               how the route's recorded cases went, the last time
count#<revision>#<code>#<hour>           counters of an hour in UTC, such as 2026-11-27T05
path#<revision>#<code>#<place>           how often the sides differ at one path, and legacy from itself
sample#<revision>#<code>#<place>#<slot>  an example of that, redacted

`revision` names the question that was asked (see proxy/routing/revision.py), `code` the version of the function that
asked: what another handler or newly deployed code answers is nobody's evidence for this one. Which versions run is said
by items of the partition key `code`, whose sort key is the version: when it was first seen, and when last.
"""

import time
from calendar import timegm
from hashlib import blake2b

LIFETIME_S = 30 * 24 * 3600  # after the last write
EXPIRY = "expires_at"
PARTITION = "evidence#"
CONTRACT, COUNT, PATH, SAMPLE = "contract#", "count#", "path#", "sample#"
CODES = "code"  # the partition key of the versions that run
FIRST, LAST = "first", "last"

# What is counted of comparisons, beside why_<outcome>_<reason>; and of a canary's answers.
OUTCOMES = ("equal", "different", "candidate_failed", "comparator_failed", "skipped")
# How many have begun, how many of those have ended, and for how many legacy was asked twice.
STARTED, FINISHED, NOISE_TOTAL = "started", "finished", "noise_total"
# And how many of those that began in some five minutes of the hour, such as open_05, have not ended. An end is counted
# in the hour of its beginning, and taken from there: so what is left long after is lost.
OPEN = "open_"
SLOT_S = 300
LONGEST_S = 900  # source: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, of one invocation
WRITES = "writes_"  # all the counters above, once more for the requests that may write
WHY = "why_"
UNTAKEN = "untaken_"  # by reason: writes of a live route that legacy was owed after the answer, and lacks
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


def code_key(code: str) -> Key:
    """Return the two attributes that are the key of a version that runs."""
    return {"pk": {"S": CODES}, "sk": {"S": code}}


def contract_key(revision: str, code: str) -> str:
    """Return the sort key of a contract's result."""
    return f"{CONTRACT}{revision}#{code}"


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


def slot_of(wall_s: float) -> str:
    """Return the counter of the comparisons that began in the same five minutes and have not ended."""
    return f"{OPEN}{int(wall_s % 3600 // SLOT_S) * (SLOT_S // 60):02d}"


def is_over(hour: str, slot: str, wall_s: float) -> bool:
    """Tell whether whatever began in a slot of an hour has ended by a time, be it with its process.

    Raises ValueError for an hour or a slot that is none.
    """
    began_at = timegm(time.strptime(hour, "%Y-%m-%dT%H")) + 60 * int(slot.removeprefix(OPEN))
    return wall_s >= began_at + SLOT_S + LONGEST_S


def expiry_at(wall_s: float) -> dict[str, str]:
    """Return when something that is written at a time expires, as an attribute's value."""
    return {"N": str(int(wall_s) + LIFETIME_S)}
