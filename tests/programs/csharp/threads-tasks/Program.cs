using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

class BoundedQueue<T>
{
    readonly Queue<T> items = new Queue<T>();
    readonly int capacity;
    bool closed;

    public BoundedQueue(int capacity) { this.capacity = capacity; }

    public void Put(T item)
    {
        lock (items)
        {
            while (items.Count >= capacity) Monitor.Wait(items);
            items.Enqueue(item);
            Monitor.PulseAll(items);
        }
    }

    public void Close()
    {
        lock (items)
        {
            closed = true;
            Monitor.PulseAll(items);
        }
    }

    public bool Take(out T item)
    {
        lock (items)
        {
            while (items.Count == 0 && !closed) Monitor.Wait(items);
            if (items.Count == 0)
            {
                item = default(T);
                return false;
            }
            item = items.Dequeue();
            Monitor.PulseAll(items);
            return true;
        }
    }
}

static class Program
{
    static bool IsPrime(int n)
    {
        if (n < 2) return false;
        for (int d = 2; d * d <= n; d++)
            if (n % d == 0) return false;
        return true;
    }

    static void ProducerConsumer()
    {
        var queue = new BoundedQueue<int>(8);
        long sum = 0;
        int count = 0;
        var workers = new List<Thread>();
        for (int i = 0; i < 3; i++)
        {
            var t = new Thread(() =>
            {
                int n;
                while (queue.Take(out n))
                {
                    Interlocked.Add(ref sum, (long)n * n);
                    Interlocked.Increment(ref count);
                }
            });
            t.Start();
            workers.Add(t);
        }
        for (int n = 1; n <= 2000; n++) queue.Put(n);
        queue.Close();
        foreach (var t in workers) t.Join();
        Console.WriteLine("queue: {0} items, sum of squares {1}", count, sum);
    }

    static void TurnTaking()
    {
        var turns = new SemaphoreSlim[3];
        for (int i = 0; i < 3; i++) turns[i] = new SemaphoreSlim(i == 0 ? 1 : 0);
        var threads = Enumerable.Range(0, 3).Select(id => new Thread(() =>
        {
            for (int round = 0; round < 4; round++)
            {
                turns[id].Wait();
                Console.WriteLine("round {0} thread {1}", round, (char)('A' + id));
                turns[(id + 1) % 3].Release();
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
    }

    static async Task<int> CountPrimes(int from, int to)
    {
        int found = await Task.Run(() => Enumerable.Range(from, to - from).Count(IsPrime));
        await Task.Yield();
        return found;
    }

    static async Task<string> Failing(int n)
    {
        await Task.Delay(1);
        if (n % 2 == 1) throw new InvalidOperationException("odd input " + n);
        return "even " + n;
    }

    static async Task Run()
    {
        var parts = Enumerable.Range(0, 5).Select(i => CountPrimes(i * 2000, (i + 1) * 2000)).ToArray();
        int[] counts = await Task.WhenAll(parts);
        Console.WriteLine("primes: {0} = {1}", string.Join("+", counts), counts.Sum());
        for (int n = 0; n < 3; n++)
        {
            try { Console.WriteLine(await Failing(n)); }
            catch (InvalidOperationException e) { Console.WriteLine("caught: " + e.Message); }
        }
    }

    static void Main()
    {
        ProducerConsumer();
        TurnTaking();
        Run().GetAwaiter().GetResult();

        var digits = new ConcurrentDictionary<int, int>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = 4 };
        Parallel.For(0, 5000, options, i => digits.AddOrUpdate(i % 7, 1, (k, v) => v + 1));
        foreach (int key in digits.Keys.OrderBy(k => k))
            Console.WriteLine("residue {0}: {1}", key, digits[key]);

        var cts = new CancellationTokenSource();
        cts.Cancel();
        var cancelled = Task.Run(() => 1, cts.Token);
        try { cancelled.Wait(); }
        catch (AggregateException e) { Console.WriteLine("cancelled: {0} {1}", e.InnerException.GetType().Name, cancelled.Status); }
    }
}
