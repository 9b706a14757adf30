"""A part of `fig dev` ends with it, however it ends: the kernel closes the parent's end of a pipe even then."""

import os
import threading


def end_with_parent(pipe: int) -> None:
    """Watch a pipe from a thread of its own, and end this process at once when the pipe does."""
    threading.Thread(target=_watch, args=(pipe,), daemon=True).start()


def _watch(pipe: int) -> None:
    while os.read(pipe, 1024):
        pass
    # sys.exit would only end this thread.
    os._exit(0)
