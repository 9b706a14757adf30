"""What a function with SnapStart does around its snapshot: many environments will go on from one start.

Connections and credentials are of the moment at which they were made, and so is the table. All are dropped before the
snapshot, and made or read anew when an environment is restored from it, before the first request.
Source: docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html (10 s for what runs after a restore)
"""

from collections.abc import Callable


def around_snapshot(before: Callable[[], object], after: Callable[[], object]) -> None:
    """Have the runtime call `before` ahead of the snapshot, and `after` in every environment that is restored."""
    # Lambda's own library, in its managed runtimes and beside awslambdaric; only there is a snapshot taken.
    from snapshot_restore_py import register_after_restore, register_before_snapshot

    register_before_snapshot(before)
    register_after_restore(after)
