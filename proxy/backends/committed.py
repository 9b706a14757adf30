"""A migrated handler's word that nothing was committed, by which legacy may execute a write in its place.

Either the exception that it raises has an attribute `nothing_committed` that is True; or the error that it returns has
the header `x-fig-nothing-committed: 1`, which no client gets to see; or, of a function of its own, the error's type is
NothingCommitted.
"""

HEADER = "x-fig-nothing-committed"
ERROR_TYPE = "NothingCommitted"
_MAPS = ("headers", "multiValueHeaders")


def is_declared_by(raised: BaseException) -> bool:
    """Tell whether an exception says that nothing was committed."""
    return getattr(raised, "nothing_committed", False) is True


def taken_from(result: object) -> tuple[object, bool]:
    """Return a result without the declaration in its headers, and whether there was one."""
    if not isinstance(result, dict):
        return result, False
    declared = False
    for key in _MAPS:
        headers = result.get(key) or {}
        if any(name.lower() == HEADER for name in headers):
            declared = declared or any(_says_so(value) for name, value in headers.items() if name.lower() == HEADER)
            result = {**result, key: {name: value for name, value in headers.items() if name.lower() != HEADER}}
    return result, declared


def _says_so(value: object) -> bool:
    return value == ["1"] if isinstance(value, list) else str(value) == "1"
