"""HTML from Python. Whatever is not made here is text: names, reasons and paths are what others have written."""

from html import escape


class Html(str):
    """A piece of HTML that is safe as it is."""

    __slots__ = ()


def tag(name: str, *children: Html | str | None, **attributes: str | bool | None) -> Html:
    """Return an element. Text is escaped; None is left out. `class_` is class, `aria_label` aria-label."""
    return Html(f"<{name}{_attributes(attributes)}>{join(*children)}</{name}>")


def join(*children: Html | str | None) -> Html:
    """Return pieces one after the other."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children if child is not None))


def table(headings: list[Html | str], rows: list[list[Html | str]], *, caption: str, class_: str = "") -> Html:
    """Return a table with a caption for those who do not see it. A heading that begins with # has numbers below it."""
    is_number = [heading.startswith("#") for heading in headings]

    def cell(name: str, at: int, content: Html | str, scope: str | None = None) -> Html:
        return tag(name, content, class_="number" if is_number[at] else None, scope=scope)

    head = [
        cell("th", at, heading if isinstance(heading, Html) else heading.removeprefix("#"), "col")
        for at, heading in enumerate(headings)
    ]
    body = [tag("tr", *(cell("td", at, content) for at, content in enumerate(row))) for row in rows]
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption, class_="unseen"),
            tag("thead", tag("tr", *head)),
            tag("tbody", *body),
        ),
        class_=f"table {class_}".strip(),
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def _attributes(attributes: dict[str, str | bool | None]) -> str:
    written = []
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        name = name.rstrip("_").replace("_", "-")
        written.append(f" {name}" if value is True else f' {name}="{escape(value)}"')
    return "".join(written)
