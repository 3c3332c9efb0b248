import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.text.BreakIterator;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Unicode: code points, surrogates, normal forms, case mapping, graphemes, scripts, and broken UTF-8. */
public class Main {
    private static final List<String> SAMPLES =
            List.of("hello", "Grüße", "e\u0301le\u0300ve", "日本語", "😀🎉", "שלום", "ﬁne ﬀ", "ΣΊΣΥΦΟΣ", "İstanbul");

    static String points(String text) {
        return text.codePoints().mapToObj(point -> String.format("U+%04X", point)).collect(Collectors.joining(" "));
    }

    static int graphemes(String text) {
        var iterator = BreakIterator.getCharacterInstance(Locale.ROOT);
        iterator.setText(text);
        int count = 0;
        while (iterator.next() != BreakIterator.DONE) {
            count++;
        }
        return count;
    }

    static String reversed(String text) {
        return new StringBuilder(text).reverse().toString();
    }

    static String withoutMarks(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFD).replaceAll("\\p{M}+", "");
    }

    public static void main(String[] args) {
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String sample : SAMPLES) {
            int bytes = sample.getBytes(StandardCharsets.UTF_8).length;
            out.printf("%s: %d bytes, %d chars, %d points%n", sample, bytes, sample.length(),
                    sample.codePointCount(0, sample.length()));
            out.println("  " + points(sample));
            out.println("  upper " + sample.toUpperCase(Locale.ROOT) + ", lower " + sample.toLowerCase(Locale.ROOT));
            for (var form : Normalizer.Form.values()) {
                out.print("  " + form + " " + Normalizer.normalize(sample, form).length());
            }
            out.println();
        }
        out.println("graphemes of élève: " + graphemes("e\u0301le\u0300ve"));
        out.println("reversed " + reversed("a😀b") + " " + reversed("日本語"));
        out.println("without marks: " + withoutMarks("Crème Brûlée, naïve, Ångström"));
        out.println("straße".equalsIgnoreCase("STRASSE") + " " + "straße".toUpperCase(Locale.ROOT).equals("STRASSE"));
        out.println("scripts: " + "aжあ漢א".codePoints()
                .mapToObj(point -> Character.UnicodeScript.of(point).name()).collect(Collectors.joining(", ")));
        byte[] broken = {'o', 'k', (byte) 0xff, (byte) 0xc3, '(', (byte) 0xe2, (byte) 0x82};
        out.println("broken: " + points(new String(broken, StandardCharsets.UTF_8)));
        out.println("digits: " + "٣४5".codePoints().map(Character::getNumericValue).boxed().toList());
        out.println("sorted: " + SAMPLES.stream().sorted().collect(Collectors.joining(" < ")));
        out.println("titles: " + Character.getName('é') + ", " + Character.getName(0x1F600));
    }
}
