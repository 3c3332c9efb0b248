import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.function.LongBinaryOperator;

/** A calculator in reverse Polish notation over its arguments; says on stderr what is wrong and exits with 5. */
public class Main {
    private static final int EXIT_WRONG_INPUT = 5;

    private static final Map<String, LongBinaryOperator> OPERATIONS = Map.of(
            "+", Math::addExact,
            "-", Math::subtractExact,
            "x", Math::multiplyExact,
            "/", Math::floorDiv,
            "%", Math::floorMod,
            "max", Math::max);

    private final Deque<Long> stack = new ArrayDeque<>();

    void word(String word) {
        var operation = OPERATIONS.get(word);
        if (operation != null) {
            if (stack.size() < 2) {
                throw new IllegalStateException("the stack has " + stack.size() + " of 2 numbers");
            }
            long right = stack.pop();
            long left = stack.pop();
            try {
                stack.push(operation.applyAsLong(left, right));
            } catch (ArithmeticException error) {
                stack.push(left);
                stack.push(right);
                throw error;
            }
            return;
        }
        switch (word) {
            case "dup" -> stack.push(stack.element());
            case "drop" -> stack.pop();
            case "swap" -> {
                long top = stack.pop();
                long below = stack.pop();
                stack.push(top);
                stack.push(below);
            }
            default -> stack.push(Long.parseLong(word));
        }
    }

    public static void main(String[] args) {
        var calculator = new Main();
        int wrong = 0;
        for (int i = 0; i < args.length; i++) {
            try {
                calculator.word(args[i]);
                System.out.println(args[i].length() + " " + calculator.stack);
            } catch (ArithmeticException | NumberFormatException | IllegalStateException error) {
                System.err.println("argument " + (i + 1) + ": " + error.getMessage());
                wrong++;
            }
        }
        System.out.println(args.length + " arguments, " + wrong + " wrong");
        if (wrong > 0) {
            System.exit(EXIT_WRONG_INPUT);
        }
    }
}
