import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;

/** About 250 KiB of output through a checked stream: primes, factorials, Pascal's triangle, digits of pi. */
public class Main {
    static BitSet primes(int limit) {
        var prime = new BitSet(limit + 1);
        prime.set(2, limit + 1);
        for (int i = prime.nextSetBit(2); (long) i * i <= limit; i = prime.nextSetBit(i + 1)) {
            for (int multiple = i * i; multiple <= limit; multiple += i) {
                prime.clear(multiple);
            }
        }
        return prime;
    }

    static void printPrimes(PrintStream out, int limit) {
        int column = 0;
        var prime = primes(limit);
        for (int p = prime.nextSetBit(0); p >= 0; p = prime.nextSetBit(p + 1)) {
            out.print(p);
            out.print(++column % 15 == 0 ? '\n' : ' ');
        }
        out.println();
    }

    static void printFactorials(PrintStream out, int last) {
        var factorial = BigInteger.ONE;
        for (int n = 1; n <= last; n++) {
            factorial = factorial.multiply(BigInteger.valueOf(n));
            out.println(n + "! = " + factorial);
        }
    }

    static void printPascal(PrintStream out, int rows) {
        var row = new BigInteger[] {BigInteger.ONE};
        for (int n = 0; n < rows; n++) {
            var line = new StringBuilder();
            var next = new BigInteger[row.length + 1];
            next[0] = next[row.length] = BigInteger.ONE;
            for (int i = 0; i < row.length; i++) {
                line.append(row[i]).append(' ');
                if (i > 0) {
                    next[i] = row[i - 1].add(row[i]);
                }
            }
            out.println(line);
            row = next;
        }
    }

    static String pi(int digits) {
        var unity = BigInteger.TEN.pow(digits + 10);
        return BigInteger.valueOf(4)
                .multiply(BigInteger.valueOf(4).multiply(arctan(5, unity)).subtract(arctan(239, unity)))
                .divide(BigInteger.TEN.pow(10)).toString();
    }

    static BigInteger arctan(int x, BigInteger unity) {
        var square = BigInteger.valueOf((long) x * x);
        var term = unity.divide(BigInteger.valueOf(x));
        var sum = term;
        for (int n = 3; term.signum() != 0; n += 2) {
            term = term.divide(square);
            var part = term.divide(BigInteger.valueOf(n));
            sum = n % 4 == 3 ? sum.subtract(part) : sum.add(part);
        }
        return sum;
    }

    public static void main(String[] args) {
        var checked = new CheckedOutputStream(System.out, new CRC32());
        var out = new PrintStream(new BufferedOutputStream(checked, 1 << 14), false, StandardCharsets.US_ASCII);
        printPrimes(out, 120_000);
        printFactorials(out, 250);
        printPascal(out, 60);
        out.println(pi(1000));
        out.flush();
        System.out.printf("crc %08x%n", checked.getChecksum().getValue());
    }
}
