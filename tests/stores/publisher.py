"""`python -m tests.stores.publisher ADDRESS`: a publisher in a process of its own, told what to do a line at a time.

{"do": "publish", "who": W, "until": V}   publish as fast as it goes until version V is in force
{"do": "freeze", "who": W, "count": N}    freeze and thaw in turns
{"do": "child", "until": V, "dies_at": N} publish in a forked child, which tells its id first. With N it kills itself
                                          before the Nth call that proxy/stores makes; N = 0: somebody else will
Each answers one line of JSON when it is done.
"""

import json
import os
import signal
import sys
from types import FrameType
from typing import Any

from proxy.publishing.session import embedded_session
from proxy.stores.history import History, Moved
from tests.stores.entries import note_of, publish
from tests.stores.shelves import REGION, open_history

_STORES = f"{os.sep}proxy{os.sep}stores{os.sep}"


def main() -> None:
    """Do what the lines of standard input say."""
    address = sys.argv[1]
    session = embedded_session(REGION)
    _say("ready")
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "child":
            # What is loaded already need not be loaded again: a child is there within milliseconds.
            pid = os.fork()
            if not pid:
                _be_child(open_history(address, session), command)
            _, status = os.waitpid(pid, 0)
            _say(os.waitstatus_to_exitcode(status))
        elif command["do"] == "publish":
            _say(_publish(open_history(address, session), command["who"], command["until"]))
        else:
            _say(_freeze(open_history(address, session), command["who"], command["count"]))


def _publish(history: History, who: str, until: int) -> dict[str, Any]:
    """Return the versions that were won, and how often somebody else was faster."""
    won: list[int] = []
    moved = 0
    while (version := history.head().version) < until:
        try:
            publish(history, version + 1, who)
            won.append(version + 1)
        except Moved:
            moved += 1
    return {"won": won, "moved": moved}


def _freeze(history: History, who: str, count: int) -> int:
    for number in range(count):
        frozen = number % 2 == 0
        note = note_of("freeze" if frozen else "thaw", history.head().version, number, who)
        history.freeze(note, "all" if frozen else "")
    return count


def _be_child(history: History, command: dict[str, Any]) -> None:
    _say(os.getpid())
    if command["dies_at"]:
        sys.setprofile(_Death(command["dies_at"]))
    _publish(history, "child", command["until"])
    os._exit(0)


class _Death:
    """Kills this process before a call that the store makes, whichever that is."""

    def __init__(self, number: int) -> None:
        self._left = number

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        caller = frame if event == "c_call" else frame.f_back if event == "call" else None
        if caller is not None and _STORES in caller.f_code.co_filename:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
