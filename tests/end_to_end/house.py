"""`fig dev` as a person runs it: a process, its folder with a routes.yaml, and the lines of its terminal."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from . import processes
from .processes import Process

ROUTES = (Path(__file__).parents[2] / "routes.yaml").read_text(encoding="utf-8")
COMMAND = (sys.executable, "-m", "proxy.cli", "dev")

# How long a test waits for what takes a second or two: time enough for a machine that does much else.
DEADLINE_S = 30.0

WORKER, LEGACY, DYNAMODB = "awslambdaric", "proxy.dev.sample_legacy", "proxy.dev.dynamodb"

# Whatever happens, a person never has to read one of these.
_DEFECTS = (
    "Traceback (most recent call last)",
    "Unknown child process",
    "exception was never retrieved",
    "Exception in callback",
    "was destroyed but it is pending",
    "ResourceWarning",
    "RuntimeWarning",
)

IsWanted = Callable[[str], object]


class House:
    """One `fig dev`, on a free port, in a folder of its own: the repository's routes.yaml is never touched.

    As a context manager it runs until the block ends, and then checks that no process was left behind.
    """

    def __init__(
        self,
        folder: Path,
        *options: str,
        routes: str = ROUTES,
        environment: Mapping[str, str] | None = None,
        under: Sequence[str] = (),
    ) -> None:
        """`environment` is added to the test's own; `under` is a command that runs the one after it."""
        self._folder = folder
        self._under = under
        self._options = options
        # What a killed house leaves behind goes with the test's folder.
        self._environment = {**os.environ, "TMPDIR": str(folder), **(environment or {})}
        self._process: subprocess.Popen[str] | None = None
        self._lines: list[str] = []
        self._has_ended = False  # nothing more will be written
        self._written = threading.Condition()
        self._seen: frozenset[Process] = frozenset()
        self.routes = folder / "routes.yaml"
        self.edit(routes)

    def start(self) -> Self:
        """Start it; `wait_until_ready` follows, unless the test is about starting."""
        self._process = subprocess.Popen(
            [*self._under, *COMMAND, "--port", "0", *_without_dashboard(self._options), *self._options],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # a terminal's Ctrl-C goes to a whole process group, which must not be pytest's
        )
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()
        return self

    def wait_until_ready(self) -> Self:
        """Return once clients get in."""
        self.wait_for_line(lambda line: line.startswith("ready "))
        return self

    def __enter__(self) -> Self:
        try:
            return self.start().wait_until_ready()
        except BaseException:
            self.kill()
            raise

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        try:
            self.stop()
            if kind is None:
                self.check()
            else:
                sys.stdout.write("\n".join(["the terminal showed:", *self.lines, ""]))
        finally:
            self.kill()

    @property
    def pid(self) -> int:
        """Of `fig dev` itself."""
        assert self._process is not None, "the house was not started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether `fig dev` itself has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def url(self) -> str:
        """Where clients get in."""
        return self._found(r"ready (http://127\.0\.0\.1:\d+)")

    @property
    def legacy_url(self) -> str:
        """Where the legacy system answers without the proxy."""
        return self._found(r"  legacy +(http\S+).*")

    @property
    def dynamodb_url(self) -> str:
        """Where the database answers."""
        return self._found(r"  dynamodb +(http\S+).*")

    @property
    def dashboard_link(self) -> str:
        """What opens the dashboard."""
        return self._found(r"  dashboard +(http\S+)")

    @property
    def host(self) -> str:
        """Host and port of the front door, as a client names them."""
        return self.url.removeprefix("http://")

    @property
    def vouched(self) -> dict[str, str]:
        """What the proxy tells legacy about a client that came from this machine to this house."""
        return {
            "X-Forwarded-For": "127.0.0.1",
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Host": self.host,
            "X-Forwarded-Port": self.host.rpartition(":")[2],
            "Forwarded": f'for=127.0.0.1;proto=http;host="{self.host}"',
            "Via": "1.1 fig-proxy",
        }

    @property
    def front_door(self) -> str:
        """The kind of front door that it was started with."""
        options = (*self._options, "--front-door", "http-api")
        return options[options.index("--front-door") + 1]

    @property
    def lines(self) -> list[str]:
        """What the terminal shows so far."""
        with self._written:
            return list(self._lines)

    @property
    def here(self) -> int:
        """The number of lines so far, for waiting for what comes after."""
        with self._written:
            return len(self._lines)

    def wait_for_line(self, is_wanted: IsWanted, since: int = 0, deadline_s: float = DEADLINE_S) -> str:
        """Return the first line, from number `since` on, that is wanted; fail when it never comes."""
        ends = time.monotonic() + deadline_s
        position = since
        with self._written:
            while True:
                for line in self._lines[position:]:
                    if is_wanted(line):
                        return line
                position = len(self._lines)
                left = ends - time.monotonic()
                if self._has_ended or left <= 0 or not self._written.wait(left):
                    raise AssertionError("the line never came; the terminal shows:\n" + "\n".join(self._lines))

    def client(self, follow_redirects: bool = False) -> httpx.Client:
        """Return a client of the front door, with a cookie jar and without a proxy; it must be closed."""
        # Nothing to verify without TLS; reading every certificate authority takes longer than most tests.
        return httpx.Client(
            base_url=self.url, trust_env=False, verify=False, timeout=DEADLINE_S, follow_redirects=follow_redirects
        )

    def edit(self, text: str) -> None:
        """Save a new routes.yaml as most editors do: written beside it and renamed, so that no half is ever seen."""
        draft = self._folder / "routes.yaml.draft"
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.routes)

    def parts(self, kind: str = "") -> frozenset[Process]:
        """Return the processes that run under it, all or those with a word in their command."""
        everything = processes.under(self.pid)
        self._seen |= everything
        return frozenset(process for process in everything if kind in process.command)

    def part(self, kind: str) -> int:
        """Return the pid of the one process with a word in its command."""
        (only,) = self.parts(kind)
        return only.pid

    def left_behind(self) -> frozenset[Process]:
        """Return what still runs of all that ever ran under it, as far as it was seen."""
        return processes.still_running(self._seen)

    def tell(self, number: signal.Signals) -> None:
        """Send a signal; SIGINT to the whole process group, as a terminal's Ctrl-C goes."""
        self.parts()
        if number is signal.SIGINT:
            os.killpg(self.pid, number)
        else:
            os.kill(self.pid, number)

    def wait(self) -> int:
        """Return the exit code once it has ended and everything it wrote was read."""
        assert self._process is not None, "the house was not started"
        try:
            code = self._process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            shown = "\n".join(self.lines)
            raise AssertionError(f"fig dev did not end within {DEADLINE_S:g} s; the terminal shows:\n{shown}") from None
        with self._written:
            # Whoever still holds the terminal was left behind; that is told by `check`, not by waiting for ever.
            self._written.wait_for(lambda: self._has_ended, timeout=DEADLINE_S)
        return code

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """End it with a signal and return its exit code, that of its first end if it has ended already."""
        assert self._process is not None, "the house was not started"
        if self.is_running:
            self.tell(number)
        return self.wait()

    def check(self) -> None:
        """Fail if it left a process behind, or showed what nobody should have to read."""
        shown = "\n".join(self.lines)
        assert self.left_behind() == frozenset(), shown
        assert [defect for defect in _DEFECTS if defect in shown] == [], shown

    def kill(self) -> None:
        """Kill it and all that ran under it, each by its pid; idempotent."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self.parts()
            self._process.kill()
            self._process.wait()
        for process in self.left_behind():
            os.kill(process.pid, signal.SIGKILL)

    def _found(self, pattern: str) -> str:
        for line in self.lines:
            if found := re.fullmatch(pattern, line):
                return found[1]
        raise AssertionError(f"no line like {pattern!r}; the terminal shows:\n" + "\n".join(self.lines))

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None, "the process was started with a pipe"
        with process.stdout:
            for line in process.stdout:
                with self._written:
                    self._lines.append(line.removesuffix("\n"))
                    self._written.notify_all()
        with self._written:
            self._has_ended = True
            self._written.notify_all()


def _without_dashboard(options: Sequence[str]) -> tuple[str, ...]:
    """Return the option that spares a test a second of work for a page that nobody opens."""
    return () if "--dashboard-port" in options else ("--no-dashboard",)


def until(is_so: Callable[[], object], deadline_s: float = DEADLINE_S) -> None:
    """Return once a condition holds; fail when it never does."""
    ends = time.monotonic() + deadline_s
    while not is_so():
        assert time.monotonic() < ends, "the condition never held"
        time.sleep(0.02)
