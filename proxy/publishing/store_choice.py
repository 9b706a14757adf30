"""Which store a command talks to: the one that was named, or the one of a `fig dev` that runs in this folder."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from proxy.errors import Misuse, Refused
from proxy.publishing.author import local_user
from proxy.publishing.session import embedded_session, own_session
from proxy.publishing.workspace import Workspace
from proxy.stores.history import History, StoreFailed

if TYPE_CHECKING:
    import boto3

DEV_FILE = "dev.json"  # in .fig/, written by a running `fig dev`: {"store", "evidence", "endpoint", "region", "url"}
_CONNECT_S = 1.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Place(NamedTuple):
    """Where tables are published. `store` is "file:DIRECTORY" or "dynamodb:TABLE"; `endpoint` and `region` are AWS's
    own when they are empty.
    """

    store: str
    endpoint: str = ""
    region: str = ""
    is_dev: bool = False  # of a running `fig dev`

    @property
    def name(self) -> str:
        """How people read it, and what versions are remembered under."""
        where = f" at {self.endpoint}" if self.endpoint else f" in {self.region}" if self.region else ""
        return f"{self.store}{where}{' (fig dev)' if self.is_dev else ''}"


class Opened(NamedTuple):
    """A store that is ready to be published to, and who will have done it."""

    place: Place
    history: History
    who: Callable[[], str]  # asked for when something is written only: it may take a call to AWS


def choose(workspace: Workspace, named: str = "", environ: Mapping[str, str] = os.environ) -> Place:
    """Return where to publish: what `--store` named, else FIG_TABLE, else a running `fig dev`.

    Raises Misuse for a place that is none and without any, Refused for a `fig dev` that does not run any more.
    """
    if store := named or environ.get("FIG_TABLE", ""):
        kind, _, name = store.partition(":")
        if kind not in ("file", "dynamodb") or not name:
            option = "--store" if named else "FIG_TABLE"
            raise Misuse(f"{option}: got {store!r}, expected file:DIRECTORY or dynamodb:TABLE")
        return Place(store) if kind == "file" else in_account(store, environ)
    running = noted_dev(workspace)
    if running is None:
        raise Misuse(
            "got no store, expected --store dynamodb:TABLE or file:DIRECTORY, or FIG_TABLE in the environment, or a "
            f"fig dev that runs for {workspace.routes}{_absent(workspace)}"
        )
    if not answers(running.endpoint):
        # One that was killed has left its note behind.
        raise Refused(
            f"the fig dev that ran for {workspace.routes} does not answer any more at {running.endpoint}; start it "
            "again, or name another store with --store"
        )
    return running


def _absent(workspace: Workspace) -> str:
    above = "" if workspace.routes.is_file() else workspace.above()
    return f", which is not in this folder{above}" if above else ""


@contextmanager
def open_store(place: Place) -> Iterator[Opened]:
    """Give the store at a place; it is closed afterwards. Raises StoreFailed."""
    kind, _, name = place.store.partition(":")
    if kind == "file":
        from proxy.stores.file_history import FileHistory

        yield Opened(place, FileHistory(Path(name)), local_user)
        return
    # boto3 takes 0.3 s to load; only commands that need it pay.
    from proxy.stores.dynamodb_history import DynamoDBHistory

    session = session_of(place)
    here = place._replace(region=session.region_name or "")  # boto3 may have found it where nothing else looks
    with closing(DynamoDBHistory(session, name, place.endpoint)) as history:
        yield Opened(here, history, lambda: _who(session, here))


def in_account(store: str, environ: Mapping[str, str]) -> Place:
    """Return a table of DynamoDB where the environment says that AWS is."""
    region = environ.get("AWS_REGION", "") or environ.get("AWS_DEFAULT_REGION", "")
    return Place(store, environ.get("AWS_ENDPOINT_URL_DYNAMODB", "") or environ.get("AWS_ENDPOINT_URL", ""), region)


def noted_dev(workspace: Workspace, what: str = "store") -> Place | None:
    """Return the table of a `fig dev` that has noted one, whether or not it runs still."""
    noted = workspace.get(DEV_FILE)
    store, endpoint, region = (noted.get(key) for key in (what, "endpoint", "region"))
    if not (isinstance(store, str) and isinstance(endpoint, str) and isinstance(region, str)):
        return None
    return Place(store, endpoint, region, is_dev=True)


def answers(endpoint: str) -> bool:
    """Tell whether anybody listens there."""
    parts = urlsplit(endpoint)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=_CONNECT_S):
            return True
    except (OSError, ValueError):
        return False


def session_of(place: Place) -> "boto3.session.Session":
    """Return a session for a place's table. Raises StoreFailed."""
    if place.is_dev:
        return embedded_session(place.region)
    from botocore.exceptions import BotoCoreError

    try:
        return own_session(place.region)
    except BotoCoreError as exc:
        raise StoreFailed(f"{place.name}: {exc}; AWS_PROFILE names a profile of your AWS configuration") from exc


def _who(session: "boto3.session.Session", place: Place) -> str:
    """Return the ARN of whoever publishes; a database on this machine knows none, so there it is the machine's user.

    So it is when AWS does not tell within seconds: no rollback and no freeze fails for that, and the history shows it.
    """
    if place.is_dev or urlsplit(place.endpoint).hostname in _LOOPBACK:
        return local_user()
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    retries: Any = {"total_max_attempts": 1, "mode": "standard"}  # Any: the stubs want a type of their own
    try:
        with closing(
            session.client("sts", config=Config(connect_timeout=2, read_timeout=3, retries=retries))
        ) as client:
            return str(client.get_caller_identity()["Arn"])
    except (BotoCoreError, ClientError):
        return f"{local_user()} (AWS did not tell who)"
