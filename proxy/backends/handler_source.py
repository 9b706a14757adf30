"""Is there a handler under "module:attribute"? Asked when a document is checked, so that a typo never reaches a client.

The source is read, not run: importing a handler would run its code and load its SDKs.
"""

import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path


def import_roots(code_root: Path) -> list[Path]:
    """Return the folders that a function whose code lies in `code_root` imports from."""
    return [code_root, *(Path(entry) for entry in sys.path if entry)]


def problem_with(reference: str, roots: Iterable[Path]) -> str | None:
    """Return what is wrong with a reference, or None; `roots` are the folders that modules are imported from."""
    module, _, attribute = reference.partition(":")
    found = _find(module, roots)
    if found is None:
        return f"got {reference!r}, expected a module that is there; {module} is not"
    root, path = found
    try:
        names = set(_names(ast.parse(path.read_bytes()).body))
    except SyntaxError as exc:
        where = f"{path.relative_to(root)}:{exc.lineno}" if exc.lineno else path.relative_to(root)
        return f"got {reference!r}, expected a module that can be read; {where}: {exc.msg}"
    except (OSError, ValueError) as exc:
        return f"got {reference!r}, expected a module that can be read: {exc}"
    if attribute in names or "*" in names:
        return None
    near = get_close_matches(attribute, names, 1)
    hint = f", did you mean {near[0]!r}?" if near else ""
    return f"got {reference!r}, but {path.name} defines no {attribute!r}{hint}"


def _find(module: str, roots: Iterable[Path]) -> tuple[Path, Path] | None:
    parts = module.split(".")
    if not all(parts):  # "a..b" would be the path of a/b.py, which no import finds under that name
        return None
    for root in roots:
        for path in (root.joinpath(*parts).with_suffix(".py"), root.joinpath(*parts, "__init__.py")):
            if path.is_file():
                return root, path
    return None


def _names(statements: Sequence[ast.stmt | ast.ExceptHandler]) -> Iterator[str]:
    for node in statements:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))
        else:
            # An if, a try or a with may define it as well.
            for inner in ("body", "handlers", "orelse", "finalbody"):
                yield from _names(getattr(node, inner, ()))
