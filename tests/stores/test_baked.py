"""The table inside the artifact."""

from pathlib import Path

import pytest

from proxy.routing.compiled import digest_of
from proxy.routing.table import NO_ROUTES
from proxy.stores.baked import read_baked
from tests.stores.entries import compiled_table


def test_table_in_the_artifact_is_read(tmp_path: Path) -> None:
    data = compiled_table(7)
    (tmp_path / "routes.json").write_bytes(data)

    table = read_baked(str(tmp_path / "routes.json"))

    assert (table.version, table.digest, len(table.routes)) == (7, digest_of(data), 1)


@pytest.mark.parametrize(
    "data",
    [None, b"", b"{", b"null", b"[" * 100_000, b"\xff" * 100, compiled_table(7)[:100]],
    ids=["not there", "empty", "cut at once", "null", "deep", "no text", "truncated"],
)
def test_artifact_without_a_usable_table_sends_everything_to_legacy(tmp_path: Path, data: bytes | None) -> None:
    """No readable table: the last good one, then the one in the artifact, then legacy."""
    if data is not None:
        (tmp_path / "routes.json").write_bytes(data)

    assert read_baked(str(tmp_path / "routes.json")) is NO_ROUTES


def test_artifact_whose_table_has_no_path_or_is_a_folder_sends_everything_to_legacy(tmp_path: Path) -> None:
    assert (read_baked(""), read_baked(str(tmp_path))) == (NO_ROUTES, NO_ROUTES)
