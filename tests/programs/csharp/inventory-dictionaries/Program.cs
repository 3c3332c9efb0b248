using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

class StockException : Exception
{
    public string Sku { get; }
    public StockException(string sku, string message) : base(message) { Sku = sku; }
}

struct Money : IComparable<Money>, IEquatable<Money>
{
    public readonly long Cents;
    public Money(long cents) { Cents = cents; }
    public static Money operator +(Money a, Money b) => new Money(a.Cents + b.Cents);
    public static Money operator *(Money a, int n) => new Money(a.Cents * n);
    public int CompareTo(Money other) => Cents.CompareTo(other.Cents);
    public bool Equals(Money other) => Cents == other.Cents;
    public override bool Equals(object o) => o is Money && Equals((Money)o);
    public override int GetHashCode() => Cents.GetHashCode();
    public override string ToString() =>
        (Cents / 100m).ToString("N2", CultureInfo.InvariantCulture);
}

class Item
{
    public string Sku, Name, Category;
    public Money Price;
    public int Quantity;
}

class Inventory
{
    readonly Dictionary<string, Item> items = new Dictionary<string, Item>(StringComparer.OrdinalIgnoreCase);
    readonly List<string> log = new List<string>();
    public event Action<Item> LowStock;

    public Item this[string sku]
    {
        get
        {
            Item item;
            if (!items.TryGetValue(sku, out item))
                throw new StockException(sku, "unknown item");
            return item;
        }
    }

    public void Add(string sku, string name, string category, long cents, int quantity)
    {
        items.Add(sku, new Item { Sku = sku, Name = name, Category = category, Price = new Money(cents), Quantity = quantity });
        log.Add($"+{sku}x{quantity}");
    }

    public Money Sell(string sku, int count)
    {
        Item item = this[sku];
        if (count <= 0) throw new ArgumentOutOfRangeException("count");
        if (item.Quantity < count)
            throw new StockException(item.Sku, $"only {item.Quantity} of {count} left");
        item.Quantity -= count;
        log.Add($"-{item.Sku}x{count}");
        if (item.Quantity < 5) LowStock?.Invoke(item);
        return item.Price * count;
    }

    public IEnumerable<IGrouping<string, Item>> ByCategory() =>
        items.Values.OrderBy(i => i.Sku, StringComparer.Ordinal)
             .GroupBy(i => i.Category).OrderBy(g => g.Key, StringComparer.Ordinal);

    public string Log => string.Join(" ", log);
    public bool Remove(string sku) => items.Remove(sku);
}

static class Program
{
    static void Try(string label, Func<string> action)
    {
        string result;
        try { result = action(); }
        catch (StockException e) when (e.Sku.Length > 3) { result = "long sku: " + e.Message; }
        catch (StockException e) { result = e.Sku + ": " + e.Message; }
        catch (ArgumentOutOfRangeException e) { result = "bad " + e.ParamName; }
        catch (ArgumentException e) { result = e.GetType().Name; }
        Console.WriteLine("{0,-14} {1}", label, result);
    }

    static void Main()
    {
        var inv = new Inventory();
        inv.LowStock += i => Console.WriteLine("  ! low stock: {0} ({1})", i.Name, i.Quantity);
        inv.Add("A10", "hammer", "tools", 1299, 12);
        inv.Add("A11", "saw", "tools", 2450, 6);
        inv.Add("B20", "nails", "parts", 5, 10000);
        inv.Add("B21", "screws", "parts", 8, 7500);
        inv.Add("C30", "paint", "finish", 3799, 4);

        var total = new Money(0);
        Try("sell hammers", () => { var m = inv.Sell("a10", 3); total += m; return m.ToString(); });
        Try("sell saws", () => { var m = inv.Sell("A11", 2); total += m; return m.ToString(); });
        Try("sell nails", () => { var m = inv.Sell("b20", 9999); total += m; return m.ToString(); });
        Try("oversell", () => inv.Sell("C30", 5).ToString());
        Try("unknown", () => inv.Sell("Z9", 1).ToString());
        Try("long unknown", () => inv.Sell("ZZ99", 1).ToString());
        Try("negative", () => inv.Sell("B21", -4).ToString());
        Try("duplicate", () => { inv.Add("a10", "copy", "tools", 1, 1); return "added"; });
        Try("remove", () => inv.Remove("c30") + " then " + inv.Remove("C30"));

        foreach (var group in inv.ByCategory())
        {
            Console.WriteLine("[{0}] {1} kinds, most costly {2}", group.Key, group.Count(),
                group.OrderByDescending(i => i.Price).First().Name);
            foreach (var i in group)
                Console.WriteLine("  {0} {1,-8}{2,6} x {3,8} = {4,12}", i.Sku, i.Name, i.Quantity, i.Price, i.Price * i.Quantity);
        }
        Console.WriteLine("revenue {0}", total);
        Console.WriteLine("log {0}", inv.Log);
    }
}
