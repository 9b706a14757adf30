"""The data a shop opens with: plain Python, the same in every process, no clock and no chance in it."""

from dataclasses import dataclass

CURRENCY = "EUR"
FIRST_CUSTOMER_NUMBER = 1001
FIRST_ORDER_NUMBER = 5001
_STATUSES = ("delivered", "shipped", "paid", "cancelled", "packed")


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    name: str
    email: str
    country: str
    city: str
    phone: str | None
    newsletter: bool
    credit_limit_cents: int


@dataclass(frozen=True, slots=True)
class Product:
    sku: str
    name: str
    price_cents: int


@dataclass(frozen=True, slots=True)
class Line:
    sku: str
    quantity: int
    unit_price_cents: int


@dataclass(frozen=True, slots=True)
class Order:
    number: int
    customer: str
    status: str
    currency: str
    lines: tuple[Line, ...]

    @property
    def id(self) -> str:
        return f"O-{self.number}"

    @property
    def total_cents(self) -> int:
        return sum(line.quantity * line.unit_price_cents for line in self.lines)


_CITIES = {
    "DE": ("Köln", "Jena", "Lübeck"),
    "FR": ("Orléans", "Lyon", "Nîmes"),
    "GB": ("Leeds", "York", "Hull"),
    "PL": ("Łódź", "Gdańsk", "Kraków"),
    "PT": ("Évora", "Porto", "Braga"),
}
_FIRST_NAMES = ("Ada", "Björn", "Chloé", "Dušan", "Edda", "Félix", "Grace", "Håkon")
_LAST_NAMES = ("Lovelace", "O'Brien", "Müller", "Nowak", "Conceição")
_PRODUCTS = (
    ("Notebook A5, dotted", 1290),
    ("Fountain pen, fine", 4900),
    ("Ink, midnight blue", 1250),
    ("Pencil HB", 90),
    ("Café cups, set of 4", 3200),
    ("Teapot, cast iron", 7450),
    ('Ruler 12"', 399),
    ("Desk lamp", 8999),
    ("Bookends, oak", 2780),
    ("Paper clips, 100 pieces", 185),
    ("Stapler", 1595),
    ("Crème brûlée bowls", 2640),
    ("Tote bag, canvas", 1100),
    ("Umbrella", 2999),
    ("Alarm clock", 3475),
    ("Wall calendar", 1680),
    ("Envelopes C5, 50 pieces", 720),
    ("Sealing wax <red>", 845),
    ("Magnifying glass", 1999),
    ("Globe, 30 cm", 12900),
    ("Chess set & board", 5995),
    ("Playing cards", 650),
    ("Postcards, 12 pieces", 910),
    ("Cork board", 2250),
    ("Typewriter, restored", 34900),
)


def _customer(index: int) -> Customer:
    first = _FIRST_NAMES[index % len(_FIRST_NAMES)]
    last = _LAST_NAMES[index // len(_FIRST_NAMES)]
    country = sorted(_CITIES)[index * 3 % len(_CITIES)]
    return Customer(
        id=f"C-{FIRST_CUSTOMER_NUMBER + index}",
        name=f"{first} {last}",
        email=f"customer{FIRST_CUSTOMER_NUMBER + index}@shop.example",
        country=country,
        city=_CITIES[country][index % 3],
        phone=None if index % 4 == 2 else f"+49 555 {100200 + 37 * index}",
        newsletter=index % 3 == 0,
        credit_limit_cents=50_000 + 12_345 * index,
    )


def _order(index: int) -> Order:
    # Steps that share no factor with the lengths: everything appears, and no order names a product twice.
    products = [PRODUCTS[(11 * index + 6 * position) % len(PRODUCTS)] for position in range(1 + (index * 7 % 11) % 4)]
    return Order(
        number=FIRST_ORDER_NUMBER + index,
        # Never the last customer: somebody has to have no orders.
        customer=CUSTOMERS[(17 * index + index // 40) % (len(CUSTOMERS) - 1)].id,
        status=_STATUSES[index % len(_STATUSES)],
        currency=CURRENCY,
        lines=tuple(
            Line(product.sku, 1 + (3 * index + 5 * position) % 6, product.price_cents)
            for position, product in enumerate(products)
        ),
    )


CUSTOMERS = tuple(_customer(index) for index in range(40))
PRODUCTS = tuple(Product(f"P-{101 + index}", name, cents) for index, (name, cents) in enumerate(_PRODUCTS))
ORDERS = tuple(_order(index) for index in range(200))
