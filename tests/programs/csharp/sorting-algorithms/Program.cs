using System;
using System.Collections.Generic;
using System.Linq;

delegate void Sorter(int[] data, ref int comparisons);

static class Sorts
{
    static bool Less(int a, int b, ref int n)
    {
        n++;
        return a < b;
    }

    public static void Insertion(int[] a, ref int n)
    {
        for (int i = 1; i < a.Length; i++)
        {
            int x = a[i], j = i;
            while (j > 0 && Less(x, a[j - 1], ref n))
            {
                a[j] = a[j - 1];
                j--;
            }
            a[j] = x;
        }
    }

    public static void Shell(int[] a, ref int n)
    {
        for (int gap = a.Length / 2; gap > 0; gap /= 2)
            for (int i = gap; i < a.Length; i++)
            {
                int x = a[i], j = i;
                for (; j >= gap && Less(x, a[j - gap], ref n); j -= gap)
                    a[j] = a[j - gap];
                a[j] = x;
            }
    }

    public static void Merge(int[] a, ref int n)
    {
        MergeRange(a, new int[a.Length], 0, a.Length, ref n);
    }

    static void MergeRange(int[] a, int[] tmp, int lo, int hi, ref int n)
    {
        if (hi - lo < 2) return;
        int mid = lo + (hi - lo) / 2;
        MergeRange(a, tmp, lo, mid, ref n);
        MergeRange(a, tmp, mid, hi, ref n);
        int i = lo, j = mid, k = lo;
        while (i < mid && j < hi)
            tmp[k++] = Less(a[j], a[i], ref n) ? a[j++] : a[i++];
        while (i < mid) tmp[k++] = a[i++];
        while (j < hi) tmp[k++] = a[j++];
        Array.Copy(tmp, lo, a, lo, hi - lo);
    }

    public static void Heap(int[] a, ref int n)
    {
        for (int i = a.Length / 2 - 1; i >= 0; i--) Sift(a, i, a.Length, ref n);
        for (int end = a.Length - 1; end > 0; end--)
        {
            Swap(a, 0, end);
            Sift(a, 0, end, ref n);
        }
    }

    static void Sift(int[] a, int root, int end, ref int n)
    {
        for (int child; (child = 2 * root + 1) < end; root = child)
        {
            if (child + 1 < end && Less(a[child], a[child + 1], ref n)) child++;
            if (!Less(a[root], a[child], ref n)) return;
            Swap(a, root, child);
        }
    }

    public static void Quick(int[] a, ref int n)
    {
        QuickRange(a, 0, a.Length - 1, ref n);
    }

    static void QuickRange(int[] a, int lo, int hi, ref int n)
    {
        while (lo < hi)
        {
            int pivot = a[lo + (hi - lo) / 2], i = lo, j = hi;
            while (i <= j)
            {
                while (Less(a[i], pivot, ref n)) i++;
                while (Less(pivot, a[j], ref n)) j--;
                if (i <= j) Swap(a, i++, j--);
            }
            QuickRange(a, lo, j, ref n);
            lo = i;
        }
    }

    static void Swap(int[] a, int i, int j)
    {
        int t = a[i];
        a[i] = a[j];
        a[j] = t;
    }
}

static class Program
{
    static uint state = 12345;

    static int Next(int bound)
    {
        unchecked { state = state * 1664525u + 1013904223u; }
        return (int)((state >> 8) % (uint)bound);
    }

    static void Main()
    {
        var inputs = new Dictionary<string, int[]>
        {
            { "random", Enumerable.Range(0, 800).Select(_ => Next(10000)).ToArray() },
            { "sorted", Enumerable.Range(0, 500).ToArray() },
            { "reverse", Enumerable.Range(0, 500).Reverse().ToArray() },
            { "few-keys", Enumerable.Range(0, 600).Select(_ => Next(5)).ToArray() },
            { "single", new[] { 42 } },
            { "empty", new int[0] },
        };
        var sorters = new List<KeyValuePair<string, Sorter>>
        {
            new KeyValuePair<string, Sorter>("insertion", Sorts.Insertion),
            new KeyValuePair<string, Sorter>("shell", Sorts.Shell),
            new KeyValuePair<string, Sorter>("merge", Sorts.Merge),
            new KeyValuePair<string, Sorter>("heap", Sorts.Heap),
            new KeyValuePair<string, Sorter>("quick", Sorts.Quick),
        };
        foreach (var name in inputs.Keys.OrderBy(k => k, StringComparer.Ordinal))
        {
            int[] expected = inputs[name].OrderBy(x => x).ToArray();
            Console.WriteLine("{0} ({1} items): {2}", name, expected.Length,
                string.Join(" ", expected.Take(8)));
            foreach (var s in sorters)
            {
                var copy = (int[])inputs[name].Clone();
                int count = 0;
                s.Value(copy, ref count);
                Console.WriteLine("  {0,-10} {1,8} comparisons  {2}", s.Key, count,
                    copy.SequenceEqual(expected) ? "ok" : "WRONG");
            }
        }
    }
}
