import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Numbers and text in columns: format strings, text blocks, bases, rounding, and a table class. */
public class Main {
    static final class Table {
        private final List<String[]> rows = new ArrayList<>();

        Table(String... head) {
            rows.add(head);
        }

        Table row(Object... cells) {
            rows.add(Arrays.stream(cells).map(Table::text).toArray(String[]::new));
            return this;
        }

        private static String text(Object cell) {
            return switch (cell) {
                case Double number -> String.format(Locale.ROOT, "%,.3f", number);
                case Integer number -> String.format(Locale.ROOT, "%,d", number);
                case null -> "-";
                default -> cell.toString();
            };
        }

        @Override
        public String toString() {
            int columns = rows.getFirst().length;
            int[] widths = new int[columns];
            for (String[] row : rows) {
                for (int i = 0; i < columns; i++) {
                    widths[i] = Math.max(widths[i], row[i].length());
                }
            }
            var text = new StringBuilder();
            for (String[] row : rows) {
                for (int i = 0; i < columns; i++) {
                    String format = (i == 0 ? "%-" : "  %") + widths[i] + "s";
                    text.append(String.format(format, row[i]));
                }
                text.append('\n');
                if (row == rows.getFirst()) {
                    text.append("=".repeat(Arrays.stream(widths).sum() + 2 * (columns - 1))).append('\n');
                }
            }
            return text.toString();
        }
    }

    public static void main(String[] args) {
        System.out.print(new Table("planet", "moons", "km", "gravity")
                .row("Mercury", 0, 57_909_227, 3.7)
                .row("Earth", 1, 149_598_262, 9.80665)
                .row("Jupiter", 95, 778_340_821, 24.79)
                .row("nowhere", null, -1_234_567, 0.0005));
        int number = 48_879;
        System.out.println(String.format("%x %X %o %08d %+d %(d", number, number, number, number, number, -number));
        System.out.println(Integer.toBinaryString(number) + " " + Integer.toString(number, 36) + " "
                + Long.toHexString(-1L) + " " + Integer.toUnsignedString(-1));
        for (double value : new double[] {Math.PI, 1e-7, 123456789.0, 1.0 / 3, Double.NaN, -0.0, 1e21}) {
            System.out.println(value + " " + String.format(Locale.ROOT, "%.2f %e %g", value, value, value));
        }
        System.out.print("""
                A text block:
                  "quotes" stay, \\ is one backslash,
                  and this line \
                goes on.
                """);
        System.out.println(String.join(", ", List.of("a", "b", "c")) + "|" + "ab".repeat(3) + "|" + "  x ".strip() + "|");
        System.out.println(String.format("%5s|%-5s|%.2s|%c|%b|%%|%n", "abc", "abc", "abc", 'x', true).strip());
    }
}
