"""SQLite in memory: one connection, one lock. Money is whole cents, as in most systems of that age."""

import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from proxy.dev.sample_legacy import seed

_SCHEMA = """
create table customers (
    id text primary key, name text, email text, country text, city text, phone text, newsletter integer,
    credit_limit_cents integer
);
create table products (sku text primary key, name text, price_cents integer);
create table orders (
    number integer primary key, id text unique, customer text references customers, status text, currency text,
    total_cents integer
);
create index orders_by_customer on orders (customer, number);
create table order_lines (
    order_number integer references orders, position integer, sku text references products, quantity integer,
    unit_price_cents integer, primary key (order_number, position)
);
"""


class Database:
    """The shop's tables, filled with the seed. Every method may be called from any thread."""

    def __init__(self) -> None:
        # A memory database belongs to its connection, so the threads share that one and take turns.
        self._connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._lock = threading.RLock()
        # An application has no end that could close it; a connection that is merely dropped warns.
        weakref.finalize(self, self._connection.close)
        self._load()

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Return every row that a statement gives."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the database alone; what was done is kept, or undone if the block raises."""
        with self._lock:
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")

    def _load(self) -> None:
        self._connection.executescript(_SCHEMA)
        with self.transaction() as connection:
            connection.executemany(
                "insert into customers values (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (c.id, c.name, c.email, c.country, c.city, c.phone, c.newsletter, c.credit_limit_cents)
                    for c in seed.CUSTOMERS
                ],
            )
            connection.executemany(
                "insert into products values (?, ?, ?)", [(p.sku, p.name, p.price_cents) for p in seed.PRODUCTS]
            )
            for order in seed.ORDERS:
                insert_order(connection, order)


def insert_order(connection: sqlite3.Connection, order: seed.Order) -> None:
    """Add an order and its lines, within the transaction that the connection is in."""
    connection.execute(
        "insert into orders values (?, ?, ?, ?, ?, ?)",
        (order.number, order.id, order.customer, order.status, order.currency, order.total_cents),
    )
    connection.executemany(
        "insert into order_lines values (?, ?, ?, ?, ?)",
        [
            (order.number, position, line.sku, line.quantity, line.unit_price_cents)
            for position, line in enumerate(order.lines)
        ],
    )
