"""Signatures, by AWS's published examples and by botocore's own signer."""

from calendar import timegm
from time import strptime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import example, given
from hypothesis import strategies as st

from proxy.aws.credentials import Credentials
from proxy.aws.sigv4 import Scope, Unsigned, sign, signing_key

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
EXAMPLE = Credentials("AKIDEXAMPLE", SECRET)
EXAMPLE_MOMENT = "20150830T123600Z"
HOST = (b"Host", b"example.amazonaws.com")
SUITE = Scope("us-east-1", "service")


def seconds(moment: str) -> int:
    return timegm(strptime(moment, "%Y%m%dT%H%M%SZ"))


def authorization(names: str, signature: str, service: str = "service") -> bytes:
    return (
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, "
        f"SignedHeaders={names}, Signature={signature}"
    ).encode()


def test_key_of_the_documentation_is_derived() -> None:
    """Source: docs.aws.amazon.com, examples of how to derive a signing key for Signature Version 4."""
    key = signing_key(SECRET, "20150830", "us-east-1", "iam")

    assert key.hex() == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"


def test_request_of_the_documentation_is_signed() -> None:
    """Source: docs.aws.amazon.com, the ListUsers example of Signature Version 4."""
    content_type = (b"content-type", b"application/x-www-form-urlencoded; charset=utf-8")
    host = (b"host", b"iam.amazonaws.com")
    request = Unsigned("GET", "/", (content_type, host), query="Action=ListUsers&Version=2010-05-08")

    added = sign(request, EXAMPLE, Scope("us-east-1", "iam"), seconds(EXAMPLE_MOMENT))

    signature = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    assert added == [
        (b"x-amz-date", EXAMPLE_MOMENT.encode()),
        (b"authorization", authorization("content-type;host;x-amz-date", signature, "iam")),
    ]


@pytest.mark.parametrize(
    ("request_", "signature"),
    [
        (Unsigned("GET", "/", (HOST,)), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (Unsigned("POST", "/", (HOST,)), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            Unsigned("GET", "/", (HOST,), query="Param2=value2&Param1=value1"),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
    ],
)
def test_requests_of_the_published_suite_are_signed(request_: Unsigned, signature: str) -> None:
    """Source: aws-sig-v4-test-suite: get-vanilla, post-vanilla, get-vanilla-query-order-key-case."""
    added = dict(sign(request_, EXAMPLE, SUITE, seconds(EXAMPLE_MOMENT)))

    assert added[b"authorization"] == authorization("host;x-amz-date", signature)


def test_token_is_sent_and_signed() -> None:
    added = dict(sign(Unsigned("GET", "/", (HOST,)), EXAMPLE._replace(token="tok+/="), SUITE, 1.0))

    assert added[b"x-amz-security-token"] == b"tok+/="
    assert b"SignedHeaders=host;x-amz-date;x-amz-security-token," in added[b"authorization"]


def test_fraction_of_a_second_is_cut_off() -> None:
    request = Unsigned("GET", "/", (HOST,))

    assert sign(request, EXAMPLE, SUITE, 1440938160.999) == sign(request, EXAMPLE, SUITE, 1440938160)


def test_repr_of_a_request_tells_its_size_and_not_its_body() -> None:
    assert repr(Unsigned("POST", "/x", (HOST,), b"card=4111")) == "<Unsigned POST /x 9 bytes>"


visible = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
paths = st.text(visible, max_size=30).map(lambda text: "/" + text.replace("?", "%3F").replace("#", "%23"))
queries = st.text(visible, max_size=40).map(lambda text: text.replace("#", "%23"))
names = st.one_of(
    st.sampled_from(["Content-Type", "X-Amz-Target", "User-Agent", "X-Amzn-Trace-Id", "Expect", "x-b", "X-B"]),
    st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True),
).filter(lambda name: name.lower() not in {"host", "date", "authorization"})
values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.just("\t"), max_size=20)
tokens = st.just("") | st.text(visible, min_size=1, max_size=40)
scopes = st.builds(
    Scope,
    st.sampled_from(["eu-west-1", "us-east-1", "cn-north-1", "us-gov-west-1"]),
    st.sampled_from(["dynamodb", "lambda", "sts"]),
)


@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "patch"]),
    paths,
    queries,
    st.lists(st.tuples(names, values), max_size=5),
    st.binary(max_size=60),
    tokens,
    scopes,
)
@example(
    "GET", "/a//b/../../../c/./%2F%20~!*'()/", "b=2&a=&a&a-b=1&a=%7E&&=", [], b"", "", Scope("eu-west-1", "lambda")
)
@example("GET", "/..", "?a=b=c", [("x-b", " 2  3\t"), ("X-B", "1")], b"", "t", Scope("eu-west-1", "sts"))
def test_signature_equals_botocores(
    method: str, path: str, query: str, headers: list[tuple[str, str]], body: bytes, token: str, scope: Scope
) -> None:
    """Our few lines sign as the SDK does, byte for byte."""
    theirs = AWSRequest(method, f"https://service.example{path}?{query}", data=body)
    for name, value in headers:
        theirs.headers[name] = value  # as http.client has it, this adds
    SigV4Auth(BotocoreCredentials("AKID", SECRET, token or None), scope.service, scope.region).add_auth(theirs)
    moment = theirs.headers["X-Amz-Date"]

    pairs = ((b"host", b"service.example"), *((name.encode(), value.encode()) for name, value in headers))
    request = Unsigned(method, path, pairs, body, query)
    added = dict(sign(request, Credentials("AKID", SECRET, token), scope, seconds(moment)))

    assert added[b"authorization"] == theirs.headers["Authorization"].encode()
    assert added.get(b"x-amz-security-token", b"").decode() == token
