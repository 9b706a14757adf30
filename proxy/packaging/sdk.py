"""boto3 in the artifact: pinned, with the descriptions of those services alone that something in the artifact names.

Lambda's runtimes have a boto3 of their own. It is not used, unless somebody asks for that (`--without-boto3`):

- It changes under the function when AWS updates the runtime, and was not there when the tests ran. AWS itself provides
  it "for deployment scenarios where you are unable to add your own dependencies".
  Source: docs.aws.amazon.com/lambda/latest/dg/python-package.html, "Runtime dependencies in Python"
- Ours comes with bytecode that nothing checks at start: boto3 and a first client take 137 ms with it and 370 without
  (Python 3.11, 2 cores). What the runtime's own has cannot be measured from here.
- What speaks for the runtime's is size, and most of that is botocore's descriptions of more than 400 services. Without
  those that nothing names, the artifact is 11 MB instead of 25 (7 without any boto3), and the first client takes 32 ms
  to make instead of 50, for botocore lists their folder. The proxy's own request path loads none of it.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

IS_PINNED: Final = True

_DESCRIPTIONS: Final = "botocore/data"
_OWN: Final = ("boto3", "botocore", "s3transfer")
_QUOTED: Final = re.compile(r"""["']([a-z0-9-]+)["']""")


def keep_named_services(folder: Path) -> list[str]:
    """Remove botocore's descriptions of services that no code in the artifact names, and return those that are left.

    A name is any text that is a service's: "s3" in a dict or as a default counts as well as in client("s3"). So a name
    can only be missed that code puts together or reads from elsewhere; who does that packages all of them.
    """
    known = services_in(folder)
    texts = set(_texts(folder))
    for name in known:
        if name not in texts:
            shutil.rmtree(folder / _DESCRIPTIONS / name)
    return services_in(folder)


def services_in(folder: Path) -> list[str]:
    """Return the services that the artifact has descriptions of; none without boto3."""
    return sorted({path.parts[-3] for path in folder.glob(f"{_DESCRIPTIONS}/*/*/service-2.json*")})


def _texts(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*.py"):
        if path.relative_to(folder).parts[0] not in _OWN:
            # Found by its quotes, so one in a comment counts, too: better a description too many than one too few.
            yield from _QUOTED.findall(path.read_bytes().decode("latin-1"))
