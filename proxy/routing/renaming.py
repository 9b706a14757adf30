"""Whether members that the migrated side calls otherwise can be told apart: asked when a document is checked, too."""

from proxy.routing.json_path import JsonPath

Renamed = dict[tuple[object, ...], str]  # what was renamed so far, by the member's new place


def check(path: JsonPath, name: str, renamed: Renamed) -> None:
    """Note that the member at a path is called otherwise. Raises ValueError for no member, or a name that is taken."""
    if not path.steps or not isinstance(path.steps[-1].key, str):
        raise ValueError(f"got {_shown(path.text)}, expected a path that ends in the name of a member, such as $.total")
    other = renamed.setdefault((*path.steps[:-1], name), path.text)
    if other != path.text:
        raise ValueError(f"got {_shown(name)}, which {other} is called already, expected another name")


def _shown(value: object) -> str:
    from proxy.routing.words import shown  # loads difflib, 1 ms, and a published table has no problems

    return shown(value)
