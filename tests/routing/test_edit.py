"""One route's stage in the text of routes.yaml, with every other character as it was."""

import json
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import BadDocument
from proxy.routing.edit import EditFailed, with_stage
from proxy.routing.reader import read
from proxy.routing.table import Stage
from tests.routing.documents import PERCENTS, Data, data, document

# The route is "a"; between « and » stands what is taken away, and after it, up to ¦, what stands there instead.
BLOCK = """# Which endpoints have moved.
version: 1

routes:
  - id: b
    match: GET /b
    stage: legacy   # b's

  - id: a  # the first
    match: GET /a/{id}
    handler: m.a:h
    stage: «legacy»canary¦   # since Monday«»
    percent: 5¦
    # whom to ask
    owner: me
"""


def sides(marked: str) -> tuple[str, str]:
    """The text before and after, of one that says «what was»and what is¦ at each place."""
    before = after = ""
    for index, part in enumerate(marked.split("«")):
        was, _, rest = part.partition("»") if index else ("", "", part)
        now, _, both = rest.partition("¦") if index else ("", "", rest)
        before, after = before + was + both, after + now + both
    return before, after


HEAD = "version: 1\nroutes:\n"
ROUTE = HEAD + "- id: a\n  match: GET /a\n  function: f\n"
CHANGED = "«legacy»canary¦«»\n  percent: 5¦"
ADDED = "«»\n  stage: canary\n  percent: 5¦"
CHANGED_INSIDE = "«legacy»canary¦«», percent: 5¦"
ADDED_INSIDE = "«», stage: canary, percent: 5¦"
JSON = '{"version":1,"routes":[{"id":"a","match":"GET /{x}","function":"f"'
JSON_LINES = '{"routes": [\n  {\n    "id": "a",\n    "match": "GET /{x}",\n    "function": "f"'


@pytest.mark.parametrize(
    "marked",
    [
        BLOCK,
        BLOCK.replace("\n", "\r\n"),
        BLOCK.replace("\n", "\r"),
        f"\ufeff{BLOCK}",
        # Of two kinds of line ends, the one beside it.
        f"# c\n{BLOCK.replace(chr(10), chr(13) + chr(10))}# c\n",
        # Where the key stands.
        f"{HEAD}- stage: {CHANGED}\n  id: a\n  match: GET /a\n  function: f\n",
        f"{HEAD}-\n  id: a\n  stage: {CHANGED}\n  match: GET /a\n  function: f",
        f"{HEAD}-   id: a\n    match: GET /a\n    function: f\n    stage: «legacy»canary¦«»\n    percent: 5¦\n",
        f"{ROUTE}  'stage' : {CHANGED}\n",
        f"{ROUTE}  stage:\t«legacy»canary¦\t# tabs«»\n  percent: 5¦",
        f"{ROUTE}  owner: 'stage: legacy' # stage: legacy\n  stage: {CHANGED}\n",
        # With a percent already.
        f"{ROUTE}  stage: «legacy»canary¦\n  percent: «0.25»5¦ # %\n",
        f"{HEAD}- percent: «100»5¦\n  id: a\n  match: GET /a\n  function: f\n  stage: «legacy»canary¦\n",
        f"{HEAD}- percent: «&p 7»&p 5¦\n  id: a\n  match: GET /a\n  function: f«»\n  stage: canary¦\n",
        # How the word is written.
        f"{ROUTE}  stage: «'legacy'»'canary'¦«»\n  percent: 5¦\n",
        f'{ROUTE}  stage: «"legacy"»"canary"¦ # c«»\n  percent: 5¦\n',
        f'{ROUTE}  stage: «"leg\\\n   acy"»"canary"¦«»\n  percent: 5¦\n',
        f"{ROUTE}  stage: &s {CHANGED}\n",
        f"{ROUTE}  stage: &s # c\n    «'legacy'»'canary'¦«»\n  percent: 5¦\n",
        f"{ROUTE}  stage:\n    {CHANGED}\n",
        f"{ROUTE}  stage: >- # legacy\n    {CHANGED}\n\n  owner: x\n",
        f"{ROUTE}  stage: |-\n     {CHANGED}",
        # Without a stage: below what it is about, and its comment.
        f"{HEAD}- id: a\n  match: GET /a\n  function: f{ADDED}\n  owner: x\n",
        f"{HEAD}- id: a\n  function: f # f\n  match: GET /a # m{ADDED}\n  # about the owner\n  owner: x\n",
        f"{ROUTE}  when:\n    header:\n      x: y # z{ADDED}\n\n\n# end\n",
        f"{ROUTE}  when: {{header: {{\n    x: y}} # z\n   }} # when{ADDED}\n",
        f"{HEAD}- id: a\n  match: GET /a\n  function: |-\n    f{ADDED}\n\n\n- id: b\n  match: GET /b\n",
        f"{HEAD}- id: a\n  match: GET /a\n  function: f{ADDED}",
        f"--- \n{HEAD}- &r\n  id: a\n  match: GET /a\n  function: f{ADDED}\n...\n",
        # In braces, in one line or over several.
        f"{HEAD}- {{id: a, match: GET /a, function: f, stage: {CHANGED_INSIDE}}}\n",
        f"{HEAD}- {{stage: {CHANGED_INSIDE}, id: a, match: GET /a, function: f}} # c\n",
        f"{HEAD}- {{stage: «legacy»canary¦, percent: «1»5¦, id: a, match: GET /a, function: f,  }}\n",
        f"{HEAD}- {{id: a, match: GET /a, function: f{ADDED_INSIDE}, owner: x}}\n",
        f"{HEAD}- {{match: GET /a, function: f, id: a, when: {{host: h}}{ADDED_INSIDE}}}\n",
        f"{HEAD}- {{ id: a,match: GET /a,function: f«»,stage: canary,percent: 5¦ }}\n",
        f"{HEAD}- &r {{owner: \U0001f600é, id: a, match: GET /a, function: f, stage: &s {CHANGED_INSIDE}, }}\n",
        f"{HEAD}- {{id: a,\n   match: GET /a, # m\n   function: f«»,\n   stage: canary,\n   percent: 5¦ # f\n  }}\n",
        f"{HEAD}- {{id: b, match: GET /b, stage: legacy}}\n- {{id: a, match: GET /a, function: f{ADDED_INSIDE}}}",
        f'{JSON}«»,"stage":"canary","percent":5¦}}]}}',
        f'{JSON},"stage":«"legacy"»"canary"¦«»,"percent":5¦}}]}}',
        f'{JSON_LINES}«»,\n    "stage": "canary",\n    "percent": 5¦\n  }}\n], "version": 1}}\n',
    ],
)
def test_stage_and_percent_are_changed_and_every_other_character_stays(marked: str) -> None:
    before, after = sides(marked)

    assert with_stage(before, "a", "canary", 5) == after


@pytest.mark.parametrize(
    ("stage", "percent", "after"),
    [
        ("live", None, "stage: live\n  percent: 2.5\n"),
        ("canary", 0.25, "stage: canary\n  percent: 0.25\n"),
        ("canary", 50.0, "stage: canary\n  percent: 50\n"),
        ("legacy", 0, "stage: legacy\n  percent: 0\n"),
        ("canary", None, "stage: canary\n  percent: 2.5\n"),
        ("canary", 2.5, "stage: canary\n  percent: 2.5\n"),
    ],
)
def test_percent_stays_unless_one_is_given(stage: str, percent: float | None, after: str) -> None:
    text = f"{HEAD}- id: a\n  match: GET /a\n  function: f\n  "

    assert with_stage(f"{text}stage: canary\n  percent: 2.5\n", "a", stage, percent) == text + after


def test_edit_that_changes_nothing_gives_the_same_text() -> None:
    assert with_stage(sides(BLOCK)[0], "b", "legacy") == sides(BLOCK)[0]


TEXT = f"{HEAD}- id: orders.read\n  match: GET /orders\n- id: orders.list\n  match: POST /orders\n  function: f\n"


@pytest.mark.parametrize(
    ("route_id", "stage", "percent", "says"),
    [
        ("ordrs.read", "live", None, "got 'ordrs.read', expected the id of a route – did you mean 'orders.read'?"),
        ("", "live", None, "got '', expected the id of a route"),
        (
            "orders.list",
            "lve",
            None,
            "orders.list stage: got 'lve', expected 'legacy', 'shadow', 'canary', 'live', 'migrated' or 'retired' "
            "– did you mean 'live'?",
        ),
        (
            "orders.list",
            "live\n  owner: x",
            None,
            "orders.list stage: got 'live\\n  owner: x', expected 'legacy', "
            "'shadow', 'canary', 'live', 'migrated' or 'retired'",
        ),
        ("orders.list", "canary", None, "orders.list percent: stage canary needs a percent, such as 5"),
        ("orders.list", "canary", 101, "orders.list percent: got 101, expected 0 to 100"),
        ("orders.list", "canary", float("nan"), "orders.list percent: got nan, expected 0 to 100"),
        (
            "orders.list",
            "canary",
            0.001,
            "orders.list percent: got 0.001, expected at most two decimals: a bucket is 0.01 %",
        ),
        (
            "orders.read",
            "canary",
            None,
            "orders.read handler: stage canary needs a handler, such as migrated.orders.api:handler, or a function\n"
            "orders.read percent: stage canary needs a percent, such as 5",
        ),
    ],
)
def test_edit_that_would_make_a_wrong_document_is_refused(
    route_id: str, stage: str, percent: float | None, says: str
) -> None:
    with pytest.raises(EditFailed) as refused:
        with_stage(TEXT, route_id, stage, percent)

    assert str(refused.value) == says


def test_text_that_cannot_be_spliced_is_left_to_be_changed_by_hand() -> None:
    text = f"{HEAD}- ? id\n  : a\n  ? match\n  : GET /a\n  ? function\n  : f\n"

    with pytest.raises(EditFailed) as refused:
        with_stage(text, "a", "canary", 12.5)

    cure = "write stage: canary and percent: 12.5 by hand, at line 3"
    assert str(refused.value) == f"a: is written in a way that cannot be changed here; {cure}"


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nroutes: [",
        "version: 1\nroutes: [{id: a, match: GET a}]\n",
        "version: 1\nroutes:\n- &r {id: a, match: GET /a}\n- *r\n",
        "",
    ],
)
def test_text_that_is_no_document_is_not_edited(text: str) -> None:
    with pytest.raises(BadDocument):
        with_stage(text, "a", "legacy")


@dataclass(frozen=True)
class Style:
    """One way of writing a document down."""

    line_end: str
    quote: str
    dash: str
    comment: str
    is_flow: bool
    is_broken: bool  # braces over several lines
    front: str
    end: str

    def document(self, fields: Data) -> str:
        """The text of a document."""
        lines = []
        for key, value in fields.items():
            if key == "routes" and value:
                lines += [f"{key}:{self.comment}", *(line for route in value for line in self._route(route))]
            else:
                lines.append(f"{key}: {self._value(value)}")
        return self.front + self.line_end.join(lines) + self.end

    def _route(self, route: Data) -> list[str]:
        pairs = [f"{self._key(key)}: {self._value(value)}" for key, value in route.items()]
        indent = " " * len(self.dash)
        if not self.is_flow:
            return [f"{indent if index else self.dash}{pair}{self.comment}" for index, pair in enumerate(pairs)]
        separator = f",{self.line_end}{indent}" if self.is_broken else ", "
        return [f"{self.dash}{{{separator.join(pairs)}}}{self.comment}"]

    def _key(self, key: str) -> str:
        return f"{self.quote}{key}{self.quote}"

    def _value(self, value: Any) -> str:  # Any: what a file holds
        if isinstance(value, str) and value in get_args(Stage):
            return self._key(value)
        return json.dumps(value, ensure_ascii=False)


STYLES = st.builds(
    Style,
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    quote=st.sampled_from(["", "'", '"']),
    dash=st.sampled_from(["- ", "  - ", "-   ", " -  "]),
    comment=st.sampled_from(["", " # stage: legacy", "  ", "\t# \U0001f600 é"]),
    is_flow=st.booleans(),
    is_broken=st.booleans(),
    front=st.sampled_from(["", "\ufeff", "# c\n\n", "---\n", "\ufeff# é\r\n"]),
    end=st.sampled_from(["", "\n", "\r\n\r\n", "\n# the end\n", " # c"]),
)


@given(data(least=1), STYLES, st.data())
def test_edit_changes_nothing_but_the_stage_and_the_percent_of_any_document_in_any_style(
    fields: Data, style: Style, draw: st.DataObject
) -> None:
    before = style.document(fields)
    position = draw.draw(st.integers(0, len(fields["routes"]) - 1))
    route = fields["routes"][position]
    stages = ["legacy", "retired"]
    if "handler" in route or "function" in route:
        stages += ["shadow", "canary", "live", "migrated"]
    stage = draw.draw(st.sampled_from(stages))
    percent = draw.draw(PERCENTS if stage == "canary" else st.none() | PERCENTS)

    after = with_stage(before, route["id"], stage, percent)

    wanted: Data = {"stage": stage}
    if percent is not None:
        wanted["percent"] = int(percent) if percent == int(percent) else percent
    assert read(after) == document(but(fields, route, wanted))
    # Written down anew with what was there before, it is the same to the letter; the rest came in at one place.
    assert is_one_insertion(
        style.document(but(fields, route, {key: wanted[key] for key in wanted if key in route})), after
    )


def but(fields: Data, route: Data, changed: Data) -> Data:
    """A document in which a route is another."""
    return {**fields, "routes": [{**each, **changed} if each is route else each for each in fields["routes"]]}


def is_one_insertion(before: str, after: str) -> bool:
    """Tell whether one text is the other, with something more at one place at most."""
    at_the_end = alike(before[::-1], after[::-1])
    return len(after) >= len(before) and alike(before, after) + at_the_end >= len(before)


def alike(one: str, other: str) -> int:
    """Return how many characters two texts have in common at the front."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
