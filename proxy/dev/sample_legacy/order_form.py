"""What a client sends to place an order: checked by hand, every problem named at once."""

from collections.abc import Callable, Mapping

from proxy.dev.sample_legacy.faults import Problem

_MAX_LINES = 20
_MAX_QUANTITY = 99


def problems_in(form: object, is_customer: Callable[[str], bool], prices: Mapping[str, int]) -> list[Problem]:
    """Return what is wrong with a form, in the order of its fields; none means that it can become an order."""
    if not isinstance(form, dict):
        return [Problem("order", "must be an object")]
    return [*_customer_problems(form, is_customer), *_lines_problems(form, prices)]


def _customer_problems(form: dict[str, object], is_customer: Callable[[str], bool]) -> list[Problem]:
    if "customer" not in form:
        return [Problem("customer", "is required")]
    customer = form["customer"]
    if not isinstance(customer, str):
        return [Problem("customer", "must be text")]
    return [] if is_customer(customer) else [Problem("customer", "is unknown")]


def _lines_problems(form: dict[str, object], prices: Mapping[str, int]) -> list[Problem]:
    if "lines" not in form:
        return [Problem("lines", "is required")]
    lines = form["lines"]
    if not isinstance(lines, list) or not 1 <= len(lines) <= _MAX_LINES:
        return [Problem("lines", f"must be a list of 1 to {_MAX_LINES} lines")]
    return [problem for index, line in enumerate(lines) for problem in _line_problems(f"lines[{index}]", line, prices)]


def _line_problems(where: str, line: object, prices: Mapping[str, int]) -> list[Problem]:
    if not isinstance(line, dict):
        return [Problem(where, "must be an object")]
    problems = []
    if "sku" not in line:
        problems.append(Problem(f"{where}.sku", "is required"))
    elif not isinstance(line["sku"], str):
        problems.append(Problem(f"{where}.sku", "must be text"))
    elif line["sku"] not in prices:
        problems.append(Problem(f"{where}.sku", "is unknown"))
    quantity = line.get("quantity")
    if "quantity" not in line:
        problems.append(Problem(f"{where}.quantity", "is required"))
    # bool is an int to Python, not to the shop.
    elif type(quantity) is not int or not 1 <= quantity <= _MAX_QUANTITY:
        problems.append(Problem(f"{where}.quantity", f"must be 1 to {_MAX_QUANTITY}"))
    return problems
