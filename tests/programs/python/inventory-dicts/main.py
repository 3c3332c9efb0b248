"""An inventory and its ledger, kept in dicts and dataclasses."""
from collections import ChainMap, OrderedDict, defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Dict, List, Tuple


class StockError(Exception):
    """A movement that the inventory can't allow."""


@dataclass
class Item:
    sku: str
    name: str
    price: Decimal
    quantity: int = 0
    tags: frozenset = field(default_factory=frozenset)

    @property
    def value(self) -> Decimal:
        return self.price * self.quantity


class Inventory:
    def __init__(self) -> None:
        self._items: Dict[str, Item] = {}
        self.ledger: List[Tuple[str, str, int]] = []

    def add(self, sku, name, price, *tags):
        if sku in self._items:
            raise StockError(f"duplicate sku {sku!r}")
        self._items[sku] = Item(sku, name, Decimal(price), tags=frozenset(tags))

    def move(self, sku, change):
        try:
            item = self._items[sku]
        except KeyError:
            raise StockError(f"unknown sku {sku!r}") from None
        if item.quantity + change < 0:
            raise StockError(f"{item.name}: only {item.quantity} left, {-change} wanted")
        item.quantity += change
        self.ledger.append((sku, "in" if change > 0 else "out", abs(change)))

    def by_tag(self):
        groups = defaultdict(list)
        for item in self._items.values():
            for tag in sorted(item.tags):
                groups[tag].append(item.name)
        return dict(sorted(groups.items()))

    def total(self):
        exact = sum((item.value for item in self), Decimal(0))
        return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)

    def __iter__(self):
        return iter(sorted(self._items.values(), key=lambda item: item.sku))

    def __len__(self):
        return len(self._items)


def main():
    shop = Inventory()
    shop.add("T-100", "hammer", "12.50", "tool", "steel")
    shop.add("T-200", "saw", "18.995", "tool")
    shop.add("N-010", "nails", "0.015", "steel", "bulk")
    shop.add("P-001", "glue", "4.20", "bulk")

    movements = [("T-100", 10), ("N-010", 5000), ("T-200", 3), ("T-100", -4), ("X-999", 1),
                 ("T-200", -5), ("P-001", 8), ("N-010", -1250), ("P-001", -8)]
    for sku, change in movements:
        try:
            shop.move(sku, change)
        except StockError as error:
            print(f"refused {sku} {change:+d}: {error}")
    try:
        shop.add("T-100", "copy", "1")
    except StockError as error:
        print("refused:", error)

    for item in shop:
        print(f"{item.sku}  {item.name:<8}{item.quantity:>6}  @ {item.price:>7}  = {item.value:>9,.3f}")
    print(f"{len(shop)} items worth {shop.total():,}")
    print("tags:", shop.by_tag())

    flow = defaultdict(lambda: {"in": 0, "out": 0})
    for sku, direction, amount in shop.ledger:
        flow[sku][direction] += amount
    print("flow:", {sku: tuple(d.values()) for sku, d in sorted(flow.items())})

    defaults = {"currency": "EUR", "discount": Decimal("0"), "open": True}
    weekend = {"discount": Decimal("0.10")}
    settings = ChainMap({"open": False}, weekend, defaults)
    print("settings:", {key: settings[key] for key in sorted(settings)})

    recent = OrderedDict.fromkeys(sku for sku, _, _ in shop.ledger)
    recent.move_to_end("T-100")
    print("recent:", " ".join(recent), "| merged:", defaults | weekend)
    keys = shop._items.keys()
    print("set operations:", sorted(keys & {"T-100", "X-999"}), sorted(keys - {"T-100"}))


if __name__ == "__main__":
    main()
