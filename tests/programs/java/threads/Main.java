import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/** Threads: executors, futures, queues, fork-join, virtual threads, locks; results are put in order before printing. */
public class Main {
    static long collatz(long n) {
        long steps = 0;
        for (; n != 1; steps++) {
            n = n % 2 == 0 ? n / 2 : 3 * n + 1;
        }
        return steps;
    }

    static final class Sum extends RecursiveTask<Long> {
        private static final long serialVersionUID = 1L;
        private final int from;
        private final int to;

        Sum(int from, int to) {
            this.from = from;
            this.to = to;
        }

        @Override
        protected Long compute() {
            if (to - from < 1000) {
                return LongStream.range(from, to).sum();
            }
            int middle = (from + to) >>> 1;
            var left = new Sum(from, middle);
            left.fork();
            return new Sum(middle, to).compute() + left.join();
        }
    }

    static void futures(ExecutorService pool) throws Exception {
        List<Callable<Long>> tasks = new ArrayList<>();
        for (long n = 20; n < 30; n++) {
            long number = n;
            tasks.add(() -> collatz(number));
        }
        for (var future : pool.invokeAll(tasks)) {
            System.out.print(future.get() + " ");
        }
        System.out.println();
    }

    static void queue() throws InterruptedException {
        BlockingQueue<Integer> queue = new LinkedBlockingQueue<>(4);
        var total = new AtomicLong();
        var consumers = new ArrayList<Thread>();
        for (int i = 0; i < 3; i++) {
            consumers.add(Thread.ofPlatform().start(() -> {
                try {
                    for (int value = queue.take(); value >= 0; value = queue.take()) {
                        total.addAndGet(value);
                    }
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        for (int value = 1; value <= 500; value++) {
            queue.put(value);
        }
        for (var consumer : consumers) {
            queue.put(-1);
        }
        for (var consumer : consumers) {
            consumer.join();
        }
        System.out.println("consumed " + total);
    }

    public static void main(String[] args) throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
            futures(pool);
            var chain = CompletableFuture.supplyAsync(() -> 6, pool).thenCombine(
                    CompletableFuture.supplyAsync(() -> 7, pool), (a, b) -> a * b).thenApply(n -> "answer " + n);
            System.out.println(chain.get());
        }
        queue();
        System.out.println("fork-join " + new ForkJoinPool(3).invoke(new Sum(0, 100_000)));
        var counts = new ConcurrentHashMap<Integer, Integer>();
        var latch = new CountDownLatch(100);
        for (int i = 0; i < 100; i++) {
            int number = i;
            Thread.startVirtualThread(() -> {
                counts.merge(number % 7, 1, Integer::sum);
                latch.countDown();
            });
        }
        latch.await();
        System.out.println("virtual " + counts);
    }
}
