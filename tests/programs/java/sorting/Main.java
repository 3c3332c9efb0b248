import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Five sorting algorithms over the same data, checked against the library and counted. */
public class Main {
    interface Sort {
        void sort(int[] data, Counter counter);
    }

    static final class Counter {
        long comparisons;

        boolean less(int a, int b) {
            comparisons++;
            return a < b;
        }
    }

    static void insertion(int[] data, Counter counter) {
        for (int i = 1; i < data.length; i++) {
            for (int j = i; j > 0 && counter.less(data[j], data[j - 1]); j--) {
                swap(data, j, j - 1);
            }
        }
    }

    static void shell(int[] data, Counter counter) {
        for (int gap = data.length / 2; gap > 0; gap /= 2) {
            for (int i = gap; i < data.length; i++) {
                for (int j = i; j >= gap && counter.less(data[j], data[j - gap]); j -= gap) {
                    swap(data, j, j - gap);
                }
            }
        }
    }

    static void merge(int[] data, Counter counter) {
        if (data.length < 2) {
            return;
        }
        int[] left = Arrays.copyOfRange(data, 0, data.length / 2);
        int[] right = Arrays.copyOfRange(data, data.length / 2, data.length);
        merge(left, counter);
        merge(right, counter);
        int l = 0;
        int r = 0;
        for (int i = 0; i < data.length; i++) {
            boolean takeRight = l == left.length || (r < right.length && counter.less(right[r], left[l]));
            data[i] = takeRight ? right[r++] : left[l++];
        }
    }

    static void quick(int[] data, int low, int high, Counter counter) {
        if (low >= high) {
            return;
        }
        int pivot = data[(low + high) >>> 1];
        int i = low;
        int j = high;
        while (i <= j) {
            while (counter.less(data[i], pivot)) {
                i++;
            }
            while (counter.less(pivot, data[j])) {
                j--;
            }
            if (i <= j) {
                swap(data, i++, j--);
            }
        }
        quick(data, low, j, counter);
        quick(data, i, high, counter);
    }

    static void heap(int[] data, Counter counter) {
        for (int i = data.length / 2 - 1; i >= 0; i--) {
            sift(data, i, data.length, counter);
        }
        for (int end = data.length - 1; end > 0; end--) {
            swap(data, 0, end);
            sift(data, 0, end, counter);
        }
    }

    static void sift(int[] data, int root, int end, Counter counter) {
        for (int child = 2 * root + 1; child < end; child = 2 * root + 1) {
            if (child + 1 < end && counter.less(data[child], data[child + 1])) {
                child++;
            }
            if (!counter.less(data[root], data[child])) {
                return;
            }
            swap(data, root, child);
            root = child;
        }
    }

    static void swap(int[] data, int a, int b) {
        int kept = data[a];
        data[a] = data[b];
        data[b] = kept;
    }

    static int[] pseudoRandom(int size, int seed) {
        int[] data = new int[size];
        for (int i = 0; i < size; i++) {
            seed = seed * 1664525 + 1013904223;
            data[i] = (seed >>> 16) % 1000;
        }
        return data;
    }

    public static void main(String[] args) {
        Map<String, Sort> sorts = new LinkedHashMap<>();
        sorts.put("insertion", Main::insertion);
        sorts.put("shell", Main::shell);
        sorts.put("merge", Main::merge);
        sorts.put("quick", (data, counter) -> quick(data, 0, data.length - 1, counter));
        sorts.put("heap", Main::heap);
        for (int size : new int[] {0, 1, 10, 1000}) {
            int[] original = pseudoRandom(size, 7);
            int[] expected = original.clone();
            Arrays.sort(expected);
            for (var entry : sorts.entrySet()) {
                int[] data = original.clone();
                var counter = new Counter();
                entry.getValue().sort(data, counter);
                String verdict = Arrays.equals(data, expected) ? "sorted" : "WRONG";
                System.out.printf("%4d %-9s %s %d%n", size, entry.getKey(), verdict, counter.comparisons);
            }
        }
    }
}
