import java.io.*;
import java.net.*;
import java.nio.file.*;
import java.util.*;
import java.util.stream.*;

public class Main {
    static void tried(String label, Attempt attempt) {
        try {
            System.out.println(label + ": BREACH, gave " + attempt.make());
        } catch (Throwable error) {
            System.out.println(label + ": " + error.getClass().getSimpleName());
        }
    }

    interface Attempt { Object make() throws Throwable; }

    public static void main(String[] args) throws Exception {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            for (Path path : open.sorted(Comparator.comparing(Path::toString)).toList()) {
                String target;
                try { target = Files.readSymbolicLink(path).toString(); } catch (IOException gone) { continue; }
                boolean streams = path.getFileName().toString().matches("[012]");
                if (streams) System.out.println(path.getFileName() + " " + target.replaceAll("\\d+", "N"));
                else if (target.startsWith("socket:") || target.startsWith("pipe:")) System.out.println("BREACH: " + path + " " + target);
            }
        }
        List<ProcessHandle> others = ProcessHandle.allProcesses().filter(other -> other.pid() != ProcessHandle.current().pid()).toList();
        for (ProcessHandle other : others) {
            if (other.pid() != 1) System.out.println("BREACH: sees " + other.pid());
            tried("destroy " + other.pid(), () -> { if (!other.destroyForcibly()) throw new IOException("refused"); return other.isAlive() ? "nothing" : "its end"; });
        }
        System.out.println("user: " + System.getProperty("user.name") + " in " + System.getProperty("user.dir"));
        tried("environment of init", () -> Files.readString(Path.of("/proc/1/environ")));
        tried("a file in /usr", () -> Files.createFile(Path.of("/usr/lib/mark")));
        tried("a file in the JDK", () -> Files.createFile(Path.of(System.getProperty("java.home"), "lib", "mark")));
        tried("connect", () -> { new Socket("172.17.0.1", 2375).close(); return "a socket"; });
        tried("lookup", () -> InetAddress.getByName("example.com"));
        tried("attach to init", () -> Files.writeString(Path.of("/proc/1/attr/current"), "x", StandardOpenOption.WRITE));
        tried("load", () -> { System.load("/proc/1/exe"); return "loaded"; });
        Process child = new ProcessBuilder("sh", "-c", "id -u; exit 3").redirectErrorStream(true).start();
        String said = new String(child.getInputStream().readAllBytes()).trim();
        System.out.println("a child is root: " + (said.equals("0") ? "BREACH" : "no") + ", exit " + child.waitFor());
        System.out.println("done");
    }
}
