import com.sun.tools.javac.Main;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A compiler that has been used before it is needed. The line on descriptor 3 says what to compile: javac's own command. */
final class Compiler {
    private static final int ROUNDS = 8;

    public static void main(String[] args) throws Exception {
        var descriptor = new FileDescriptor();
        var number = FileDescriptor.class.getDeclaredField("fd");
        number.setAccessible(true);
        number.setInt(descriptor, 3);
        var in = new FileInputStream(descriptor);

        practise(in);
        try (var out = new FileOutputStream(descriptor)) {
            out.write('\n');
            var line = readLine(in);
            var command = strings(line, line.indexOf("\"command\":[") + "\"command\":[".length());
            command.removeIf(argument -> argument.startsWith("-J"));
            args = command.subList(1, command.size()).toArray(String[]::new);
        }
        int status = Main.compile(args);
        System.out.flush();
        System.err.flush();
        // Nothing waits for this JVM to end but the caller.
        Runtime.getRuntime().halt(status);
    }

    /** Compiles until it goes fast, or until somebody waits. */
    private static void practise(FileInputStream in) throws Exception {
        var folder = Files.createTempDirectory("practise");
        var fine = Path.of("/opt/polyground/warm/practice/Warm.java").toString();
        var wrong = Path.of("/opt/polyground/warm/practice/Error.java").toString();
        for (int round = 0; round < ROUNDS && in.available() == 0; round++) {
            Main.compile(new String[] {"-d", folder.toString(), round == 0 ? wrong : fine}, new PrintWriter(Writer.nullWriter()));
        }
        try (var left = Files.list(folder)) {
            for (var file : left.toList()) Files.delete(file);
        }
        Files.delete(folder);
    }

    private static String readLine(FileInputStream in) throws Exception {
        var line = new java.io.ByteArrayOutputStream();
        var part = new byte[65536];
        for (;;) {
            int length = in.read(part);
            if (length <= 0) System.exit(1); // the agent has gone
            line.write(part, 0, length);
            if (part[length - 1] == '\n') return line.toString(StandardCharsets.UTF_8);
        }
    }

    /** The JSON strings from {@code at} to the end of their array. */
    private static List<String> strings(String json, int at) {
        var strings = new ArrayList<String>();
        while (json.charAt(at) != ']') {
            var text = new StringBuilder();
            for (at++; json.charAt(at) != '"'; at++) {
                char letter = json.charAt(at);
                if (letter == '\\') {
                    letter = json.charAt(++at);
                    int escape = "bfnrt".indexOf(letter);
                    if (escape >= 0) letter = "\b\f\n\r\t".charAt(escape);
                    if (letter == 'u') {
                        letter = (char) Integer.parseInt(json.substring(at + 1, at + 5), 16);
                        at += 4;
                    }
                }
                text.append(letter);
            }
            strings.add(text.toString());
            at++;
            if (json.charAt(at) == ',') at++;
        }
        return strings;
    }
}
