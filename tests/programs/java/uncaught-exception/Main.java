import java.util.ArrayList;
import java.util.List;

/** Resources, finally blocks, suppressed and chained exceptions, and one that nobody catches. */
public class Main {
    static final class Resource implements AutoCloseable {
        private final String name;
        private final boolean failsToClose;

        Resource(String name, boolean failsToClose) {
            this.name = name;
            this.failsToClose = failsToClose;
            System.out.println("open " + name);
        }

        void use(int divisor) {
            System.out.println(name + " gives " + 100 / divisor);
        }

        @Override
        public void close() {
            System.out.println("close " + name);
            if (failsToClose) {
                throw new IllegalStateException(name + " does not close");
            }
        }
    }

    static void withResources(int divisor) {
        try (var first = new Resource("first", true); var second = new Resource("second", false)) {
            first.use(divisor);
            second.use(divisor * 2);
        } catch (ArithmeticException error) {
            System.out.println("caught " + error.getMessage() + ", suppressed " + error.getSuppressed().length);
        } catch (IllegalStateException error) {
            System.out.println("caught " + error.getMessage());
        } finally {
            System.out.println("finally");
        }
    }

    static int finallyWins() {
        List<Integer> order = new ArrayList<>();
        try {
            order.add(1);
            return order.size();
        } finally {
            order.add(2);
            System.out.println("order " + order);
        }
    }

    static void deep(int level) {
        if (level == 0) {
            throw new IllegalArgumentException("nobody catches this");
        }
        deep(level - 1);
    }

    public static void main(String[] args) {
        withResources(5);
        withResources(0);
        System.out.println(finallyWins());
        Object[] objects = new String[1];
        try {
            objects[0] = 1;
        } catch (ArrayStoreException error) {
            System.out.println(error);
        }
        try {
            deep(3);
        } catch (IllegalArgumentException cause) {
            throw new RuntimeException("the end", cause);
        } finally {
            System.out.println("last words");
        }
    }
}
