import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads text from stdin, counts words, and prints a ranking: regular expressions, streams and collectors. */
public class Main {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}]+(?:['’][\\p{L}]+)*");

    private int lines;
    private int characters;
    private final Map<String, Integer> counts = new TreeMap<>();

    void read(BufferedReader reader) throws IOException {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            lines++;
            characters += line.codePointCount(0, line.length());
            var matcher = WORD.matcher(line);
            while (matcher.find()) {
                counts.merge(matcher.group().toLowerCase(Locale.ROOT), 1, Integer::sum);
            }
        }
    }

    void report(PrintStream out) {
        int total = counts.values().stream().mapToInt(Integer::intValue).sum();
        out.printf("%d lines, %d characters, %d words, %d different%n", lines, characters, total, counts.size());
        Comparator<Map.Entry<String, Integer>> byCount = Map.Entry.comparingByValue(Comparator.reverseOrder());
        counts.entrySet().stream()
                .sorted(byCount.thenComparing(Map.Entry.comparingByKey()))
                .limit(10)
                .forEach(entry -> out.printf("%-10s %3d %s%n", entry.getKey(), entry.getValue(),
                        "#".repeat(entry.getValue())));
        out.println();

        Map<Integer, String> byLength = counts.keySet().stream().collect(Collectors.groupingBy(
                word -> word.codePointCount(0, word.length()), TreeMap::new, Collectors.joining(" ")));
        byLength.forEach((length, words) -> out.println(length + ": " + words));
        out.println();

        Map<Boolean, Long> parts = counts.keySet().stream()
                .collect(Collectors.partitioningBy(word -> "aeiouäöü".indexOf(word.charAt(0)) >= 0, Collectors.counting()));
        out.println("begin with a vowel: " + parts.get(true) + ", with a consonant: " + parts.get(false));
        var longest = counts.keySet().stream().max(Comparator.comparingInt(String::length).thenComparing(word -> word));
        out.println("longest: " + longest.orElse("-"));
        out.println("palindromes: " + counts.keySet().stream()
                .filter(word -> word.length() > 2 && new StringBuilder(word).reverse().toString().equals(word))
                .toList());
    }

    public static void main(String[] args) throws IOException {
        var main = new Main();
        main.read(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
        main.report(new PrintStream(System.out, true, StandardCharsets.UTF_8));
    }
}
