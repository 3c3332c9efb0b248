import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.*;

/** Uses what everyday programs use, so that these classes get into the archive. It never runs for a user. */
public class Warm {
    sealed interface Shape permits Circle, Square {}
    record Circle(double radius) implements Shape {}
    record Square(double side) implements Shape {}
    enum Colour { RED, GREEN }

    static double area(Shape shape) {
        return switch (shape) {
            case Circle c -> Math.PI * c.radius() * c.radius();
            case Square s -> s.side() * s.side();
        };
    }

    public static void main(String[] args) throws Exception {
        var in = new BufferedReader(new InputStreamReader(System.in));
        in.readLine();
        try (var scanner = new Scanner("1 2 three\n")) {
            System.out.println(scanner.nextInt() + scanner.nextInt() + scanner.next());
        }
        System.out.printf("%d %s %.2f%n", 1, "x", area(new Circle(2)));
        System.out.println(String.format("%5d", 7) + new Square(2) + Colour.RED);
        Map<String, Integer> counts = new TreeMap<>();
        for (var word : "a b a".split("\\s+")) counts.merge(word, 1, Integer::sum);
        System.out.println(counts + " " + new HashMap<>(counts) + new ArrayDeque<>(List.of(1)) + new LinkedHashMap<>());
        System.out.println(IntStream.range(0, 9).boxed().filter(i -> i % 2 == 0).map(i -> "n" + i)
            .collect(Collectors.joining(", ")));
        System.out.println(Stream.of("b", "a").sorted(Comparator.reverseOrder()).toList());
        System.out.println(Stream.of("b", "a").collect(Collectors.groupingBy(String::length, Collectors.counting())));
        System.out.println(BigInteger.TWO.pow(100) + " " + new BigDecimal("1.5").add(BigDecimal.ONE));
        System.out.println(Pattern.compile("(\\d+)").matcher("a1").replaceAll("$1") + LocalDate.of(2025, 1, 1));
        System.out.println(Optional.of(1) + new StringBuilder("ab").reverse().toString() + Arrays.toString(new int[2]));
        var queue = new PriorityQueue<Integer>(List.of(3, 1));
        System.out.println("" + queue.poll() + new Random(1).nextInt(5) + Files.exists(Path.of("x")) + Objects.hash(1));
        var counter = new AtomicInteger();
        var thread = new Thread(counter::incrementAndGet);
        thread.start();
        thread.join();
        try (var pool = Executors.newFixedThreadPool(2)) {
            System.out.println(pool.submit(counter::get).get());
        }
        System.out.println(CompletableFuture.supplyAsync(() -> 1).thenApply(i -> i + 1).get());
        System.out.println(new ConcurrentHashMap<>(counts));
        new IllegalStateException("oops", new RuntimeException("cause")).printStackTrace();
    }
}
