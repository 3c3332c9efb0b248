import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Backtracking: queens, a sudoku, subsets with a sum, permutations, and the Ackermann function. */
public class Main {
    static int queens(int row, int size, int columns, int rising, int falling) {
        if (row == size) {
            return 1;
        }
        int ways = 0;
        for (int free = ~(columns | rising | falling) & ((1 << size) - 1); free != 0; free &= free - 1) {
            int bit = free & -free;
            ways += queens(row + 1, size, columns | bit, (rising | bit) << 1, (falling | bit) >>> 1);
        }
        return ways;
    }

    static final class Sudoku {
        final int[][] grid = new int[9][9];
        long tries;

        Sudoku(String puzzle) {
            for (int i = 0; i < 81; i++) {
                grid[i / 9][i % 9] = puzzle.charAt(i) - '0';
            }
        }

        boolean fits(int row, int column, int digit) {
            for (int i = 0; i < 9; i++) {
                boolean inBox = grid[row / 3 * 3 + i / 3][column / 3 * 3 + i % 3] == digit;
                if (inBox || grid[row][i] == digit || grid[i][column] == digit) {
                    return false;
                }
            }
            return true;
        }

        boolean solve(int cell) {
            if (cell == 81) {
                return true;
            }
            int row = cell / 9;
            int column = cell % 9;
            if (grid[row][column] != 0) {
                return solve(cell + 1);
            }
            for (int digit = 1; digit <= 9; digit++) {
                tries++;
                if (fits(row, column, digit)) {
                    grid[row][column] = digit;
                    if (solve(cell + 1)) {
                        return true;
                    }
                    grid[row][column] = 0;
                }
            }
            return false;
        }
    }

    static void subsets(List<Integer> numbers, int from, int left, List<Integer> chosen, Consumer<List<Integer>> found) {
        if (left == 0) {
            found.accept(List.copyOf(chosen));
        }
        for (int i = from; i < numbers.size() && numbers.get(i) <= left; i++) {
            chosen.add(numbers.get(i));
            subsets(numbers, i + 1, left - numbers.get(i), chosen, found);
            chosen.removeLast();
        }
    }

    static void permutations(String prefix, String rest, List<String> all) {
        if (rest.isEmpty()) {
            all.add(prefix);
        }
        for (int i = 0; i < rest.length(); i++) {
            permutations(prefix + rest.charAt(i), rest.substring(0, i) + rest.substring(i + 1), all);
        }
    }

    static int ackermann(int m, int n) {
        return m == 0 ? n + 1 : ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
    }

    public static void main(String[] args) {
        for (int size = 1; size <= 9; size++) {
            System.out.println(size + " queens: " + queens(0, size, 0, 0, 0));
        }
        var sudoku = new Sudoku("530070000600195000098000060800060003400803001700020006060000280000419005000080079");
        System.out.println("solved: " + sudoku.solve(0) + " after " + sudoku.tries + " tries");
        for (int[] row : sudoku.grid) {
            var line = new StringBuilder();
            for (int digit : row) {
                line.append(digit);
            }
            System.out.println(line);
        }
        subsets(List.of(1, 2, 3, 5, 8, 13, 21), 0, 24, new ArrayList<>(), System.out::println);
        List<String> all = new ArrayList<>();
        permutations("", "abcd", all);
        System.out.println(all.size() + " " + all.subList(0, 6));
        System.out.println("ackermann(2, 9) = " + ackermann(2, 9));
    }
}
