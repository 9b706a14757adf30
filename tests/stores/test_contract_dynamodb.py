"""The store in DynamoDB, before a real engine: answers that are lost, publishers that are killed at chosen points."""

import os
import signal
from collections.abc import Callable, Iterator
from queue import SimpleQueue

import pytest
from boto3.session import Session

from proxy.routing.compiled import digest_of
from proxy.stores.dynamodb_history import DynamoDBHistory, create_table
from proxy.stores.history import Head, Moved, StoreFailed
from tests.stores.between import Between, Lost, Reply, between, error
from tests.stores.entries import compiled_table, document_of, note_of, publish
from tests.stores.processes import publishers
from tests.stores.shelves import DynamoDBShelf
from tests.stores.test_contract_at_once import assert_whole

# What one publish asks for: the head, the table, the document, and the transaction.
CALLS = 4
TRANSACTION = "TransactWriteItems"
CONFLICT = error(
    "TransactionCanceledException", CancellationReasons=[{"Code": "None"}, {"Code": "TransactionConflict"}]
)


class DynamoDBContract:
    """Subclassed for the engines that a folder of tests can carry; `dynamodb_shelf` is an empty store on one."""

    @pytest.fixture
    def middle(self, dynamodb_shelf: DynamoDBShelf) -> Iterator[Between]:
        """Who stands between the publisher and the engine."""
        with between(dynamodb_shelf.address.rpartition("@")[2]) as middle:
            yield middle

    @pytest.fixture
    def history(self, dynamodb_shelf: DynamoDBShelf, middle: Between, session: Session) -> Iterator[DynamoDBHistory]:
        """A publisher behind it, on a clock that goes on by a second whenever somebody looks."""
        seconds = iter(range(10_000))
        history = DynamoDBHistory(
            session, dynamodb_shelf.table_name, middle.url, now=lambda: next(seconds), sleep=lambda _: None
        )
        yield history
        history.close()

    def test_publisher_asks_for_what_it_needs_and_no_more(self, middle: Between, history: DynamoDBHistory) -> None:
        publish(history, 1)

        assert middle.operations == ["GetItem", "PutItem", "PutItem", TRANSACTION]

    @pytest.mark.parametrize("lost", [1, 2, 3, CALLS])
    def test_answer_that_is_lost_is_not_somebody_else_who_was_faster(
        self, dynamodb_shelf: DynamoDBShelf, middle: Between, history: DynamoDBHistory, lost: int
    ) -> None:
        """A write is never executed twice, and its author is never told that another one has won."""
        middle.after = lose(lost)

        entry = publish(history, 1)

        assert middle.operations.count(TRANSACTION) >= (2 if lost == CALLS else 1)
        assert dynamodb_shelf.history.entries(10) == [entry]
        assert dynamodb_shelf.history.head() == Head(1, entry.digest)

    def test_conflict_with_others_passes(
        self, dynamodb_shelf: DynamoDBShelf, middle: Between, history: DynamoDBHistory
    ) -> None:
        middle.before = lambda number, _: CONFLICT if number in (CALLS, CALLS + 1) else None

        entry = publish(history, 1)

        assert middle.operations[CALLS - 1 :] == [TRANSACTION] * 3
        assert dynamodb_shelf.history.entries(10) == [entry]

    def test_conflict_that_does_not_pass_in_time_is_told_and_nothing_is_written(
        self, dynamodb_shelf: DynamoDBShelf, middle: Between, history: DynamoDBHistory
    ) -> None:
        middle.before = lambda _, operation: CONFLICT if operation == TRANSACTION else None

        with pytest.raises(StoreFailed, match=r"nobody knows yet whether entry#00000001# is written: .*; look at the "):
            publish(history, 1)

        assert dynamodb_shelf.history.head() == Head()

    def test_head_that_moves_while_the_table_is_stored_is_not_moved_back(
        self, dynamodb_shelf: DynamoDBShelf, middle: Between, history: DynamoDBHistory
    ) -> None:
        """The head moves only from the version that the publisher has seen."""
        publish(dynamodb_shelf.history, 1)

        def move(number: int, _operation: str) -> Reply | None:
            if number == CALLS:
                dynamodb_shelf.put_head({**dynamodb_shelf.head(), "version": {"N": "7"}})
            return None

        middle.before = move

        with pytest.raises(Moved) as caught:
            publish(history, 2)

        assert (caught.value.head.version, dynamodb_shelf.history.head().version) == (7, 7)
        assert [entry.version for entry in dynamodb_shelf.history.entries(10)] == [1]

    @pytest.mark.parametrize(
        ("code", "cure"),
        [
            ("AccessDeniedException", r"why$"),
            ("ResourceNotFoundException", r"why; create it, or name another one or another region$"),
            ("UnrecognizedClientException", r"why; sign in again$"),
        ],
    )
    def test_error_of_the_service_is_told_with_its_cure_and_without_what_it_quotes(
        self, middle: Between, history: DynamoDBHistory, code: str, cure: str
    ) -> None:
        """No token reaches a log: below a signature that does not fit, services quote the whole request."""
        middle.before = lambda _number, _operation: error(code, message="why\n\nx-amz-security-token:secret")

        for ask in (history.head, lambda: history.entries(1), lambda: publish(history, 1)):
            with pytest.raises(StoreFailed, match=rf"^dynamodb table routes-\d+: An error .*{code}.*: {cure}"):
                ask()

    def test_transaction_that_was_executed_unseen_is_found_when_the_time_has_run_out(
        self, dynamodb_shelf: DynamoDBShelf, middle: Between, history: DynamoDBHistory
    ) -> None:
        executed: list[int] = []

        def before(number: int, operation: str) -> Reply | None:
            return CONFLICT if operation == TRANSACTION and executed else None

        def after(number: int, operation: str) -> None:
            if operation == TRANSACTION and not executed:
                executed.append(number)
                raise Lost

        middle.before, middle.after = before, after

        entry = publish(history, 1)

        assert dynamodb_shelf.history.entries(10) == [entry]

    def test_freeze_goes_on_until_it_is_written(
        self, dynamodb_shelf: DynamoDBShelf, middle: Between, history: DynamoDBHistory
    ) -> None:
        middle.before = lambda number, _: CONFLICT if number < 6 else None
        middle.after = lose(6)
        note = note_of("freeze", 0, 100)

        history.freeze(note, "all")

        assert dynamodb_shelf.history.head() == Head(frozen="all", froze=note)
        assert dynamodb_shelf.history.entries(10) == [note]

    @pytest.mark.parametrize("is_answered", [False, True])
    @pytest.mark.parametrize("number", range(1, CALLS + 2))  # the first is a look at the head, before it publishes
    def test_publisher_that_is_killed_at_any_call_leaves_a_whole_version(
        self, dynamodb_shelf: DynamoDBShelf, middle: Between, number: int, is_answered: bool
    ) -> None:
        """Content first, then the entry and the head at once."""
        publish(dynamodb_shelf.history, 1)
        victim: SimpleQueue[int] = SimpleQueue()

        def kill(call: int, _operation: str) -> None:
            if call == number:
                os.kill(victim.get(timeout=30), signal.SIGKILL)
                raise Lost

        if is_answered:
            middle.after = kill
        else:
            middle.before = kill
        with publishers(f"dynamodb:{dynamodb_shelf.table_name}@{middle.url}") as (process,):
            process.tell(do="child", until=2, dies_at=0)
            victim.put(process.answer())
            assert process.answer() == -signal.SIGKILL

        is_done = is_answered and number == CALLS + 1
        assert dynamodb_shelf.history.head().version == (2 if is_done else 1)
        assert_whole(dynamodb_shelf)
        publish(dynamodb_shelf.history, dynamodb_shelf.history.head().version + 1)
        assert_whole(dynamodb_shelf)

    def test_part_of_the_table_that_was_changed_is_told_to_who_asks_for_the_version(
        self, dynamodb_shelf: DynamoDBShelf
    ) -> None:
        publish(dynamodb_shelf.history, 1)
        dynamodb_shelf.put_table(1, b"something else")

        with pytest.raises(
            StoreFailed, match=r"^dynamodb table .*: content .*: got 14 bytes that its address does not"
        ):
            dynamodb_shelf.history.compiled(1)

    def test_head_is_small_whatever_was_frozen(self, dynamodb_shelf: DynamoDBShelf) -> None:
        """Every function reads it every few seconds."""
        note = note_of("freeze", 0, 1)._replace(changes=tuple(f"r{number}: live → legacy" for number in range(20_000)))

        dynamodb_shelf.history.freeze(note, "all")

        assert dynamodb_shelf.history.head() == Head(frozen="all", froze=note)
        assert len(str(dynamodb_shelf.item("head"))) < 500

    def test_same_text_is_stored_once(self, dynamodb_shelf: DynamoDBShelf) -> None:
        history = dynamodb_shelf.history
        for version in (1, 2):
            data = compiled_table(version)
            entry = note_of("freeze", 0, 1)._replace(
                kind="publish", version=version, parent=version - 1, digest=digest_of(data)
            )
            history.publish(entry, data, document_of(7))

        stored = {dynamodb_shelf.item(f"entry#{version:08}#")["document"]["S"] for version in (1, 2)}

        assert len(stored) == 1

    def test_table_is_made_once(self, dynamodb_shelf: DynamoDBShelf) -> None:
        assert create_table(dynamodb_shelf.client, dynamodb_shelf.table_name) is False

        assert create_table(dynamodb_shelf.client, f"{dynamodb_shelf.table_name}-other") is True


def lose(number: int) -> Callable[[int, str], None]:
    """Return what loses the answer to one call."""

    def after(call: int, _operation: str) -> None:
        if call == number:
            raise Lost

    return after


def test_publisher_who_knows_no_region_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)

    with pytest.raises(StoreFailed, match=r"^dynamodb table fig-routes: You must specify a region\.; set AWS_REGION$"):
        DynamoDBHistory(Session(), "fig-routes")


def test_publisher_shows_its_table(session: Session) -> None:
    history = DynamoDBHistory(session, "fig-routes", "http://127.0.0.1:1")

    assert repr(history) == "<DynamoDBHistory fig-routes>"

    history.close()


class TestEmbedded(DynamoDBContract):
    """On the engine that pip can carry."""
