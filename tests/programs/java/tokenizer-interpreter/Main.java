import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A tiny Lisp: reader, evaluator with closures, recursion and errors. Expressions come on stdin, one a line. */
public class Main {
    private static final Pattern TOKEN = Pattern.compile("\\s*([()]|[^\\s()]+)");

    interface Function {
        Object call(List<Object> arguments);
    }

    static final class Scope {
        private final Map<String, Object> names = new HashMap<>();
        private final Scope outer;

        Scope(Scope outer) {
            this.outer = outer;
        }

        Object get(String name) {
            if (names.containsKey(name)) {
                return names.get(name);
            }
            if (outer == null) {
                throw new IllegalArgumentException("unknown name " + name);
            }
            return outer.get(name);
        }
    }

    static Object read(Matcher tokens) {
        if (!tokens.find()) {
            throw new IllegalArgumentException("unexpected end");
        }
        String token = tokens.group(1);
        if (token.equals("(")) {
            List<Object> list = new ArrayList<>();
            while (!peek(tokens).equals(")")) {
                list.add(read(tokens));
            }
            tokens.find();
            return list;
        }
        if (token.equals(")")) {
            throw new IllegalArgumentException("unexpected )");
        }
        return token.matches("-?\\d+") ? (Object) Long.valueOf(token) : token;
    }

    static String peek(Matcher tokens) {
        var ahead = TOKEN.matcher(source);
        if (!ahead.find(tokens.end())) {
            throw new IllegalArgumentException("unexpected end");
        }
        return ahead.group(1);
    }

    private static String source;

    @SuppressWarnings("unchecked")
    static Object evaluate(Object form, Scope scope) {
        if (form instanceof Long) {
            return form;
        }
        if (form instanceof String name) {
            return scope.get(name);
        }
        var list = (List<Object>) form;
        if (list.isEmpty()) {
            return list;
        }
        if (list.getFirst() instanceof String keyword) {
            switch (keyword) {
                case "define" -> {
                    Object value = evaluate(list.get(2), scope);
                    scope.names.put((String) list.get(1), value);
                    return value;
                }
                case "if" -> {
                    boolean holds = !evaluate(list.get(1), scope).equals(0L);
                    return evaluate(list.get(holds ? 2 : 3), scope);
                }
                case "lambda" -> {
                    var parameters = (List<Object>) list.get(1);
                    return (Function) arguments -> {
                        var inner = new Scope(scope);
                        for (int i = 0; i < parameters.size(); i++) {
                            inner.names.put((String) parameters.get(i), arguments.get(i));
                        }
                        return evaluate(list.get(2), inner);
                    };
                }
                default -> { }
            }
        }
        var values = list.stream().map(part -> evaluate(part, scope)).toList();
        if (!(values.getFirst() instanceof Function function)) {
            throw new IllegalArgumentException("not a function: " + values.getFirst());
        }
        return function.call(values.subList(1, values.size()));
    }

    static Scope standard() {
        var scope = new Scope(null);
        scope.names.put("+", (Function) a -> a.stream().mapToLong(n -> (Long) n).sum());
        scope.names.put("*", (Function) a -> a.stream().mapToLong(n -> (Long) n).reduce(1, (x, y) -> x * y));
        scope.names.put("-", (Function) a -> (Long) a.get(0) - (Long) a.get(1));
        scope.names.put("/", (Function) a -> (Long) a.get(0) / (Long) a.get(1));
        scope.names.put("<", (Function) a -> (Long) a.get(0) < (Long) a.get(1) ? 1L : 0L);
        scope.names.put("list", (Function) a -> a);
        return scope;
    }

    public static void main(String[] args) {
        var scope = standard();
        var lines = new Scanner(System.in);
        while (lines.hasNextLine()) {
            source = lines.nextLine();
            try {
                Object value = evaluate(read(TOKEN.matcher(source)), scope);
                System.out.println(value instanceof Function ? "function" : value);
            } catch (IllegalArgumentException | ArithmeticException error) {
                System.out.println("error: " + error.getMessage());
            }
        }
    }
}
