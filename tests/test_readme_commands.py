"""What the README says of the commands, held against the commands themselves."""

import re
import shlex

import typer
from typer.core import TyperGroup

from proxy.cli.app import app
from tests.readme import section

LOOK = section("## Flip, look, take back")
GROUP = typer.main.get_command(app)
assert isinstance(GROUP, TyperGroup)
COMMANDS = {
    name: {option for parameter in command.params for option in parameter.opts}
    for name, command in GROUP.commands.items()
}
OF_ITS_OWN = {"dev"}  # of which the README has a table of options


def test_every_command_is_in_the_table() -> None:
    listed = re.findall(r"^\| `fig (\w+)", LOOK, re.MULTILINE)

    assert (sorted(listed), len(set(listed))) == (sorted(COMMANDS.keys() - OF_ITS_OWN), len(listed))


def test_every_option_in_the_table_is_one_of_its_command() -> None:
    for line in re.findall(r"^\| `fig .*", LOOK, re.MULTILINE):
        name = line.split()[2].strip("`")
        named = {word for code in re.findall(r"`([^`]+)`", line) for word in shlex.split(code) if word.startswith("-")}

        assert named <= COMMANDS[name], line


def test_commands_without_json_are_those_that_are_named() -> None:
    (told,) = re.findall(r"^All but (.+?) take `--json`", LOOK, re.MULTILINE)

    assert (
        set(re.findall(r"`fig (\w+)`", told))
        == {name for name, options in COMMANDS.items() if "--json" not in options} - OF_ITS_OWN
    )
