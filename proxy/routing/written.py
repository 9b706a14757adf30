"""The kinds of text in routes.yaml: a regular expression for programs, and words for people."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from proxy.routing import json_path, linear_regex, pattern
from proxy.routing.words import hint, refuse


@dataclass(frozen=True)
class Written:
    """Text of one form, in a pydantic annotation."""

    pattern: str  # of the whole text, and nothing in it that Python and an editor's JavaScript read differently
    expected: str
    example: str
    longest: int = 256

    def check(self, text: str) -> str:
        """Return the text if it has the form. Raises ValueError saying what was expected."""
        if len(text) > self.longest:
            raise ValueError(f"got {len(text)} characters, expected at most {self.longest}")
        return text if re.fullmatch(self.pattern, text) else refuse(text, self.expected)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check a text after pydantic has seen that it is one."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Tell editors the form, and what they are to say of another one."""
        return {
            **handler(schema),
            "pattern": f"^(?:{self.pattern})$",
            "patternErrorMessage": f"expected {self.expected}",
            "maxLength": self.longest,
            "examples": [self.example],
        }


def _match(match: str) -> str:
    try:
        pattern.parse(match)
    except ValueError as exc:
        known = (pattern.ANY, *pattern.METHODS)
        methods = match.strip().partition(" ")[0].split(",")
        unknown = next((method for method in methods if method not in known), "")
        raise ValueError(f"{exc}{hint(unknown, known)}") from exc
    return match


def _json_path(text: str) -> str:
    json_path.parse(text)
    return text


def _regex(text: str) -> str:
    linear_regex.check(text)
    return text


def _of_clients(header: str) -> str:
    if header.lower().startswith("x-fig-"):
        refuse(header, "another header: those that begin with x-fig- are removed from what clients send")
    return header


_METHOD = "|".join((pattern.ANY, *pattern.METHODS))
_SEGMENT = r"(?:(?:%3A|%2A)?[A-Za-z0-9._~!$&'()*+,;=:@-]*|\{[A-Za-z_][A-Za-z0-9_]*\+?\})"

# Wider than what `pattern.parse` takes, which says what is wrong; with this, an editor complains early.
_MATCH = rf"^\s*(?:{_METHOD})(?:,(?:{_METHOD}))*\s+/{_SEGMENT}(?:/{_SEGMENT})*\s*$"
Match = Annotated[
    str,
    AfterValidator(_match),
    Field(
        json_schema_extra={
            "pattern": _MATCH,
            "patternErrorMessage": "expected METHOD[,METHOD] or ANY, a space and a path, such as GET /orders/{id}",
            "examples": ["GET /orders/{id}", "GET,HEAD /orders", "ANY /files/{path+}"],
        }
    ),
]
Name = Annotated[
    str,
    Written(
        r"[a-z0-9][a-z0-9._-]{0,63}",
        "lower-case letters, digits, '.', '_' and '-', at most 64, such as orders.read",
        "orders.read",
    ),
]
REFERENCE = r"[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*"
Reference = Annotated[
    str,
    Written(
        REFERENCE,
        "module:attribute, such as migrated.orders.api:handler",
        "migrated.orders.api:handler",
    ),
]
# Source: docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (FunctionName: a name, a partial or a whole ARN, and a
# version or alias after it)
FunctionName = Annotated[
    str,
    Written(
        r"(arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:)?([0-9]{12}:function:)?[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9$_-]{1,128})?",
        "the name or ARN of a Lambda function, such as orders-prod or orders-prod:live",
        "orders-prod",
        longest=300,  # an ARN with an alias of 128 letters
    ),
]
JsonPath = Annotated[
    str,
    Written(r"\$[^\x00-\x1f\x7f]*", "a JSON path that begins with $, such as $.updated_at", "$.updated_at"),
    AfterValidator(_json_path),
]
MemberName = Annotated[str, Written(r"[^\x00-\x1f\x7f]+", "the name of a member of a JSON object", "customer_id")]
Regex = Annotated[
    str,
    Written(r"[^\x00-\x1f\x7f]+", "a regular expression for what is taken out", "^https?://[^/]+"),
    AfterValidator(_regex),
]
RelativePath = Annotated[
    str,
    Written(
        r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*",
        "a path below the folder of routes.yaml, such as migrated/orders/contract.json",
        "migrated/orders/contract.json",
    ),
]
# RFC 9110, 5.6.2: a token.
HeaderName = Annotated[
    str,
    Written(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", "the name of a header, such as x-tenant", "x-tenant"),
    AfterValidator(_of_clients),
]
# As it stands in a target or a Cookie header: raw, so an odd character is percent-encoded.
RawName = Annotated[
    str,
    Written(
        r"[A-Za-z0-9._~!$'()*+,:@%/?\[\]-]+",
        "a name as clients send it, percent-encoded where it is odd, such as page or filter%5Bstate%5D",
        "page",
    ),
]
RawValue = Annotated[
    str,
    Written(r"[\x21-\x7e]*", "a value as clients send it, percent-encoded where it is odd, or '*' for any", "*"),
]
HeaderValue = Annotated[
    str,
    Written(
        r"([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)?",
        "a header's value in visible ASCII without spaces around it, or '*' for any",
        "*",
    ),
]
HostName = Annotated[
    str,
    Written(
        r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?",
        "a host name in lower case without a port, such as api.example.com",
        "api.example.com",
    ),
]
Sticky = Annotated[
    str,
    Written(
        r"ip|(header|cookie|query|claim|path):[A-Za-z0-9._~!$'*+:@%/-]+",
        "ip, or header:, cookie:, query:, claim: or path: and a name, such as cookie:sid",
        "cookie:sid",
    ),
]
