"""Whatever was not made here is text, wherever it stands."""

from proxy.dashboard.markup import Html, join, table, tag


def test_text_and_attributes_are_escaped_and_html_is_not() -> None:
    made = tag("p", "<b>", tag("i", "&"), None, title='"><script>', class_="dim", hidden=True, role=None, open=False)

    assert made == '<p title="&quot;&gt;&lt;script&gt;" class="dim" hidden>&lt;b&gt;<i>&amp;</i></p>'
    assert isinstance(made, Html)
    assert join("<", Html("<br>")) == "&lt;<br>"


def test_table_says_what_it_is_to_those_who_do_not_see_it() -> None:
    made = table(["Path", "#Requests"], [["/<x>", "3"]], caption="Unlisted paths")

    assert made == (
        '<div class="table" tabindex="0" role="region" aria-label="Unlisted paths"><table>'
        '<caption class="unseen">Unlisted paths</caption><thead><tr><th scope="col">Path</th>'
        '<th class="number" scope="col">Requests</th></tr></thead>'
        '<tbody><tr><td>/&lt;x&gt;</td><td class="number">3</td></tr></tbody></table></div>'
    )
