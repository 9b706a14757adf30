"""What all models of routes.yaml have in common: nothing unknown is taken, nothing is converted, nothing changes."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")
ListOf = Annotated[tuple[Item, ...], Field(strict=False)]  # a list will do: JSON has nothing else

MAP_TAG = "{…}"  # stands in pydantic's places of problems, where a file has nothing
WORD_TAG = "…"


class Strict(BaseModel):
    """A part of the document. The text under a field is what editors show."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


def tag(value: object) -> str:
    """Tell a map from a word, for a field that may be either."""
    return MAP_TAG if isinstance(value, dict | BaseModel) else WORD_TAG
