using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

class PriorityQueue<T>
{
    readonly List<KeyValuePair<int, T>> heap = new List<KeyValuePair<int, T>>();
    public int Count => heap.Count;

    public void Push(int priority, T value)
    {
        heap.Add(new KeyValuePair<int, T>(priority, value));
        int i = heap.Count - 1;
        while (i > 0 && heap[i].Key < heap[(i - 1) / 2].Key)
        {
            Swap(i, (i - 1) / 2);
            i = (i - 1) / 2;
        }
    }

    public T Pop()
    {
        T top = heap[0].Value;
        heap[0] = heap[heap.Count - 1];
        heap.RemoveAt(heap.Count - 1);
        for (int i = 0, c; (c = 2 * i + 1) < heap.Count; i = c)
        {
            if (c + 1 < heap.Count && heap[c + 1].Key < heap[c].Key) c++;
            if (heap[i].Key <= heap[c].Key) break;
            Swap(i, c);
        }
        return top;
    }

    void Swap(int a, int b)
    {
        var t = heap[a];
        heap[a] = heap[b];
        heap[b] = t;
    }
}

class Graph
{
    readonly SortedDictionary<string, SortedDictionary<string, int>> edges =
        new SortedDictionary<string, SortedDictionary<string, int>>(StringComparer.Ordinal);

    SortedDictionary<string, int> Node(string name)
    {
        SortedDictionary<string, int> n;
        if (!edges.TryGetValue(name, out n))
            edges[name] = n = new SortedDictionary<string, int>(StringComparer.Ordinal);
        return n;
    }

    public void Connect(string a, string b, int cost)
    {
        Node(a)[b] = cost;
        Node(b)[a] = cost;
    }

    public IEnumerable<string> Names => edges.Keys;

    public Dictionary<string, int> Levels(string start)
    {
        var level = new Dictionary<string, int> { { start, 0 } };
        var queue = new Queue<string>();
        queue.Enqueue(start);
        while (queue.Count > 0)
        {
            string at = queue.Dequeue();
            foreach (string next in edges[at].Keys)
                if (!level.ContainsKey(next))
                {
                    level[next] = level[at] + 1;
                    queue.Enqueue(next);
                }
        }
        return level;
    }

    public List<string> Shortest(string from, string to, out int cost)
    {
        var dist = new Dictionary<string, int> { { from, 0 } };
        var prev = new Dictionary<string, string>();
        var queue = new PriorityQueue<string>();
        var done = new HashSet<string>();
        queue.Push(0, from);
        while (queue.Count > 0)
        {
            string at = queue.Pop();
            if (!done.Add(at)) continue;
            if (at == to) break;
            foreach (var e in edges[at])
            {
                int d = dist[at] + e.Value, old;
                if (dist.TryGetValue(e.Key, out old) && old <= d) continue;
                dist[e.Key] = d;
                prev[e.Key] = at;
                queue.Push(d, e.Key);
            }
        }
        if (!dist.TryGetValue(to, out cost)) return null;
        var path = new List<string>();
        for (string at = to; at != null; prev.TryGetValue(at, out at)) path.Insert(0, at);
        return path;
    }

    public int SpanningTree(List<string> used)
    {
        var parent = edges.Keys.ToDictionary(k => k);
        Func<string, string> find = null;
        find = x => parent[x] == x ? x : parent[x] = find(parent[x]);
        int total = 0;
        var all = from n in edges
                  from e in n.Value
                  where string.CompareOrdinal(n.Key, e.Key) < 0
                  orderby e.Value
                  select new { A = n.Key, B = e.Key, Cost = e.Value };
        foreach (var e in all)
        {
            string a = find(e.A), b = find(e.B);
            if (a == b) continue;
            parent[a] = b;
            total += e.Cost;
            used.Add(e.A + "-" + e.B);
        }
        return total;
    }
}

static class Program
{
    static void Main()
    {
        var graph = new Graph();
        string line;
        int number = 0;
        while ((line = Console.ReadLine()) != null)
        {
            number++;
            string[] f = line.Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries);
            if (f.Length == 0 || f[0] == "#") continue;
            int cost;
            if (f[0] == "edge" && f.Length == 4 && int.TryParse(f[3], out cost))
                graph.Connect(f[1], f[2], cost);
            else if (f[0] == "path" && f.Length == 3)
            {
                var p = graph.Shortest(f[1], f[2], out cost);
                Console.WriteLine(p == null ? $"{f[1]} to {f[2]}: no way" : $"{f[1]} to {f[2]}: {string.Join(" > ", p)} ({cost})");
            }
            else if (f[0] == "levels" && f.Length == 2)
                foreach (var g in graph.Levels(f[1]).GroupBy(p => p.Value).OrderBy(g => g.Key))
                    Console.WriteLine("  {0} hops: {1}", g.Key, string.Join(" ", g.Select(p => p.Key).OrderBy(x => x, StringComparer.Ordinal)));
            else if (f[0] == "tree")
            {
                var used = new List<string>();
                int total = graph.SpanningTree(used);
                Console.WriteLine("forest cost {0}: {1}", total, string.Join(", ", used));
            }
            else
                Console.Error.WriteLine("line {0}: cannot understand '{1}'", number, line);
        }
        Console.WriteLine("nodes: " + string.Join(" ", graph.Names));
    }
}
