"""What going back loses: writes that a live route's handler has answered, and legacy has not taken.

Told after the change, which nothing here can hold up: whoever goes back is in a hurry, and then has to mend the rest.
"""

from proxy.evidence.found import Untaken
from proxy.publishing.gate import Lookup
from proxy.publishing.parity import counted
from proxy.publishing.raised import reach
from proxy.routing.compiled import load
from proxy.stores.history import Entry, History


def lost_by(history: History, entry: Entry, lookup: Lookup) -> list[str]:
    """Return a line for each route that an entry sends back to legacy, of the writes that legacy lacks.

    Raises StoreFailed, and what the lookup does.
    """
    if not entry.parent:
        return []
    # By the compiled tables: they are read in a hundredth of the time that documents take.
    before, after = (load(history.compiled(version)).routes for version in (entry.parent, entry.version))
    known = {route.id: route for route in after}
    back = [was.id for was in before if was.writes and reach(was) > (reach(known[was.id]) if was.id in known else 0)]
    # Names in the evidence are what others have written: a line stays one.
    lines = [(route_id, " ".join(in_words(lookup(route_id).untaken).split())) for route_id in back]
    return [f"{route_id}: {words}" for route_id, words in lines if words]


def in_words(untaken: Untaken) -> str:
    """Return how many writes legacy lacks, why and since when; "" if it lacks none."""
    if not untaken.writes:
        return ""
    reasons = ", ".join(f"{reason} {number}" for reason, number in untaken.reasons.items())
    when = f"{untaken.first} to {untaken.last} UTC"
    return f"{counted(untaken.writes, 'write')} did not reach legacy while live ({reasons}), {when}"
