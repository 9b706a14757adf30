"""boto3 sessions: of a person's own account, and of an embedded database that belongs to none."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import boto3

EMBEDDED_KEY = "local"  # an embedded database takes any


def own_session(region: str = "") -> "boto3.session.Session":
    """Return a session with the credentials of whoever runs this, by boto3's own order; their region, if none."""
    import boto3  # 0.3 s; only those pay who talk to AWS

    return boto3.session.Session(region_name=region or None)


def embedded_session(region: str) -> "boto3.session.Session":
    """Return a session for an embedded database: as in a worker, nothing of the developer's own account counts.

    AWS_PROFILE, for one, may name a profile that is not there.
    """
    import boto3
    import botocore.session

    no_account = {"profile": (None, None, None, None), "config_file": (None, None, os.devnull, None)}
    return boto3.session.Session(
        aws_access_key_id=EMBEDDED_KEY,
        aws_secret_access_key=EMBEDDED_KEY,
        region_name=region,
        botocore_session=botocore.session.Session(session_vars=no_account),
    )
