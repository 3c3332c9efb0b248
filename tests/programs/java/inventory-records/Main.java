import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** An inventory: records, sealed interfaces, pattern matching for switch, enums and maps. */
public class Main {
    enum Kind { TOOL, FOOD, BOOK }

    record Item(String name, Kind kind, int cents) {
        Item {
            if (cents < 0) {
                throw new IllegalArgumentException(name + " has a negative price");
            }
        }
    }

    sealed interface Event permits Received, Sold, Lost {}

    record Received(Item item, int count) implements Event {}

    record Sold(String name, int count) implements Event {}

    record Lost(String name) implements Event {}

    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    private final Map<String, Item> items = new TreeMap<>();
    private final Map<String, Integer> stock = new TreeMap<>();
    private final List<String> journal = new ArrayList<>();
    private long revenue;

    void apply(Event event) throws Refused {
        switch (event) {
            case Received(Item item, int count) when count <= 0 -> throw new Refused("nothing came of " + item.name());
            case Received(Item item, int count) -> {
                items.put(item.name(), item);
                stock.merge(item.name(), count, Integer::sum);
            }
            case Sold(String name, int count) -> {
                take(name, count);
                revenue += (long) items.get(name).cents() * count;
            }
            case Lost(String name) -> take(name, stock.getOrDefault(name, 0));
        }
        journal.add(event.toString());
    }

    private void take(String name, int count) throws Refused {
        int there = Optional.ofNullable(stock.get(name)).orElseThrow(() -> new Refused("no such item: " + name));
        if (there < count) {
            throw new Refused("only " + there + " of " + name);
        }
        stock.put(name, there - count);
    }

    Map<Kind, Integer> countByKind() {
        Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
        stock.forEach((name, count) -> counts.merge(items.get(name).kind(), count, Integer::sum));
        return counts;
    }

    public static void main(String[] args) {
        var inventory = new Main();
        var hammer = new Item("hammer", Kind.TOOL, 1999);
        List<Event> events = List.of(new Received(hammer, 5), new Received(new Item("bread", Kind.FOOD, 350), 20),
                new Sold("hammer", 2), new Sold("saw", 1), new Sold("bread", 21), new Sold("bread", 7),
                new Received(new Item("novel", Kind.BOOK, 1250), 3), new Received(hammer, 0), new Lost("novel"));
        for (Event event : events) {
            try {
                inventory.apply(event);
            } catch (Refused refused) {
                System.out.println("refused: " + refused.getMessage());
            }
        }
        inventory.stock.forEach((name, count) -> System.out.println(name + " " + count));
        System.out.println(inventory.countByKind() + " revenue " + inventory.revenue);
        inventory.journal.forEach(System.out::println);
        System.out.println(hammer.equals(new Item("hammer", Kind.TOOL, 1999)) + " " + hammer);
        try {
            new Item("debt", Kind.TOOL, -1);
        } catch (IllegalArgumentException error) {
            System.out.println(error.getMessage());
        }
    }
}
