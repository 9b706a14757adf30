"""`fig dashboard`: the live page of a deployed stack, or the dashboard that CloudWatch draws."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from proxy.cli import answer
from proxy.cli.command import Command, command, program
from proxy.cli.metrics_choice import open_metrics
from proxy.cli.options import DOCUMENT, Evidence, Routes, Store
from proxy.errors import Misuse

if TYPE_CHECKING:
    from proxy.dashboard.access import Access
    from proxy.dashboard.serve import Tls
    from proxy.dashboard.sources import Sources

PORT = 8081


def dashboard(
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="What it is bound to.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free one.")] = PORT,
    name: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A host name that it is reached under; may be repeated.")
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option(metavar="FILE", help="PEM file with the certificate.")] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="PEM file with its key.")] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let others reach it without TLS: token and pages in plain text.")
    ] = False,
    namespace: Annotated[
        str,
        typer.Option(metavar="NAMESPACE", help="Numbers from CloudWatch: Fig/STACK. Without it FIG_METRICS_NAMESPACE."),
    ] = "",
    cloudwatch: Annotated[
        bool, typer.Option("--cloudwatch", help="Print the body of a CloudWatch dashboard for what is in force.")
    ] = False,
    into: Annotated[
        Path | None, typer.Option(metavar="TEMPLATE", help="With --cloudwatch: put it into a stack's template instead.")
    ] = None,
    routes: Routes = DOCUMENT,
    store: Store = "",
    evidence: Evidence = "",
) -> None:
    """Show the migration as it goes on, with buttons to flip, ramp, roll back and freeze. Ctrl-C ends it."""
    with command(routes, store) as this:
        if cloudwatch or into is not None:
            _cloudwatch(this, namespace, into)
            return
        tls = _tls(tls_cert, tls_key)
        _check(host, tls, insecure=insecure)
        with _listening(host, port) as listener:
            access = _access(host, listener.getsockname()[1], name or [], tls)
            with _sources(this, access, namespace, evidence) as sources:
                from proxy.dashboard.serve import serve

                typer.echo(f"{sources.metrics.name}\n\nopen {access.link}\n")
                serve(sources, access, listener, tls)


def _cloudwatch(this: Command, namespace: str, into: Path | None) -> None:
    """Print the dashboard of what is in force, or of the document for a template, whose stack may not be there yet."""
    from proxy.cli.dashboard_cloudwatch import body_for, put_into
    from proxy.publishing.publish import in_force

    is_folded = os.environ.get("FIG_METRICS_ROUTES", "") == "group"
    if into is not None:
        has_changed = put_into(into, this.check(this.text()), is_folded=is_folded)
        typer.echo(f"{into}: {'the dashboard was replaced' if has_changed else 'the dashboard is as it should be'}")
        return
    named = namespace or os.environ.get("FIG_METRICS_NAMESPACE", "")
    with this.opened() as opened:
        document = in_force(opened.history).document
        region = opened.place.region
    typer.echo(body_for(document, namespace=named, region=region, is_folded=is_folded))


def _tls(certificate: Path | None, key: Path | None) -> "Tls | None":
    from proxy.dashboard.serve import Tls

    if (certificate is None) != (key is None):
        raise Misuse("--tls-cert and --tls-key: got one of them, expected both or none")
    for option, path in (("--tls-cert", certificate), ("--tls-key", key)):
        if path is not None and not path.is_file():
            raise Misuse(f"{option}: got {path}, which is not a file, expected a PEM file")
    return Tls(certificate, key) if certificate is not None and key is not None else None


def _check(host: str, tls: "Tls | None", *, insecure: bool) -> None:
    from proxy.dashboard.access import check_binding, is_loopback

    check_binding(host, has_tls=tls is not None, is_insecure=insecure)
    if tls is None and not is_loopback(host):
        answer.note("others can read the token and all pages on their way: that is what --insecure means")


def _access(host: str, port: int, names: list[str], tls: "Tls | None") -> "Access":
    from proxy.dashboard.access import Access, is_loopback, names_of

    # Where others reach it, they do so by this machine's own name.
    own = [] if is_loopback(host) else [socket.gethostname()]
    return Access(bound=host, port=port, names=names_of([*names, *own]), is_secure=tls is not None)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """Give a socket that listens. Raises Misuse for an address that cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen()
        except OSError as exc:
            cure = "take another --host, or --port 0"
            raise Misuse(f"--host {host}, --port {port}: cannot be used ({exc.strerror}); {cure}") from exc
        yield listener


@contextmanager
def _sources(this: Command, access: "Access", namespace: str, evidence: str) -> "Iterator[Sources]":
    """Give what the dashboard works on; numbers that cannot be had are no reason to have no buttons."""
    from proxy.dashboard.access import is_loopback
    from proxy.dashboard.sources import (
        CLOUD_STALE_S,
        CLOUD_WINDOWS_S,
        LOCAL_STALE_S,
        LOCAL_WINDOWS_S,
        Sources,
        only_user,
    )
    from proxy.publishing.evidence_choice import choose_evidence

    with this.opened() as opened:
        place = opened.place
    is_cloud = bool(namespace or os.environ.get("FIG_METRICS_NAMESPACE", ""))
    evidence_place = choose_evidence(this.workspace, evidence, place)
    with open_metrics(this.workspace, namespace, evidence_place) as metrics:
        yield Sources(
            metrics=metrics,
            store=place,
            evidence=evidence_place,
            workspace=this.workspace,
            windows_s=CLOUD_WINDOWS_S if is_cloud else LOCAL_WINDOWS_S,
            stale_s=CLOUD_STALE_S if is_cloud else LOCAL_STALE_S,
            program=program(),
            options=this.options(),
            user=only_user(is_shared=not is_loopback(access.bound)),
        )
