"""The handlers' source on disk: which of its files have changed, and whether Python can read them."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from proxy.dev.file_mark import mark_of

FOLDER = "migrated"


class Source:
    """The Python files under `migrated/` of a code root, as they were when somebody looked last."""

    def __init__(self, code_root: Path) -> None:
        self._code_root = code_root
        self._marks = self._look()

    def changed(self) -> list[str]:
        """Return the files that were written, added or removed since the last look, such as "migrated/a/api.py"."""
        before, self._marks = self._marks, self._look()
        changed = sorted(
            path for path in before.keys() | self._marks.keys() if before.get(path) != self._marks.get(path)
        )
        for path in changed:
            _forget_bytecode(self._code_root / path)
        return changed

    def problems(self, files: Iterable[str] | None = None) -> list[str]:
        """Return what keeps Python from reading these files, or any, as `file:line: what`; removed ones are none."""
        found = (self._problem(path) for path in (sorted(self._marks) if files is None else files))
        return [problem for problem in found if problem]

    def digest(self) -> str:
        """Return a text that tells this code from any other."""
        digest = blake2b(digest_size=16)
        for path in sorted(self._marks):
            content = b""
            with suppress(OSError):
                content = (self._code_root / path).read_bytes()
            digest.update(f"{path} {len(content)}\n".encode("utf-8", "surrogateescape") + content)
        return digest.hexdigest()

    def _problem(self, path: str) -> str:
        try:
            compile((self._code_root / path).read_bytes(), path, "exec", dont_inherit=True)
        except OSError:
            return ""
        except SyntaxError as exc:
            return f"{path}:{exc.lineno or 1}: {exc.msg}"
        except ValueError as exc:
            return f"{path}:1: {exc}"
        return ""

    def _look(self) -> dict[str, str]:
        return {str(path.relative_to(self._code_root)): mark_of(path) for path in self._files()}

    def _files(self) -> Iterator[Path]:
        for folder, folders, names in os.walk(self._code_root / FOLDER):
            folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
            # Editors put their drafts beside what they edit, under names that begin with a dot.
            yield from (Path(folder, name) for name in names if name.endswith(".py") and not name.startswith("."))


def _forget_bytecode(path: Path) -> None:
    """Remove what Python has kept of a file: it tells files of one size apart by whole seconds alone."""
    with suppress(OSError):
        (path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc").unlink()
