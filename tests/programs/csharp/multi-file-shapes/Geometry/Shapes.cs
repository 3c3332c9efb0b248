using System;
using System.Collections.Generic;
using System.Linq;

namespace Drawing.Geometry
{
    public struct Point
    {
        public readonly double X, Y;
        public Point(double x, double y) { X = x; Y = y; }
        public static Point operator -(Point a, Point b) => new Point(a.X - b.X, a.Y - b.Y);
        public double Length => Math.Sqrt(X * X + Y * Y);
    }

    public interface IVisitor<R>
    {
        R Circle(Circle c);
        R Polygon(Polygon p);
    }

    public abstract class Shape
    {
        public string Name { get; protected set; }
        public abstract double Area { get; }
        public abstract double Perimeter { get; }
        public abstract R Accept<R>(IVisitor<R> visitor);
    }

    public sealed class Circle : Shape
    {
        public Point Center { get; }
        public double Radius { get; }

        public Circle(Point center, double radius)
        {
            if (radius <= 0) throw new ArgumentException("radius must be positive");
            Name = "circle";
            Center = center;
            Radius = radius;
        }

        public override double Area => Math.PI * Radius * Radius;
        public override double Perimeter => 2 * Math.PI * Radius;
        public override R Accept<R>(IVisitor<R> visitor) => visitor.Circle(this);
    }

    public class Polygon : Shape
    {
        readonly List<Point> points;

        public Polygon(string name, params Point[] corners)
        {
            if (corners.Length < 3) throw new ArgumentException("a polygon needs three corners");
            Name = name;
            points = corners.ToList();
        }

        public IReadOnlyList<Point> Points => points;

        IEnumerable<Tuple<Point, Point>> Edges()
        {
            for (int i = 0; i < points.Count; i++)
                yield return Tuple.Create(points[i], points[(i + 1) % points.Count]);
        }

        public override double Area =>
            Math.Abs(Edges().Sum(e => e.Item1.X * e.Item2.Y - e.Item2.X * e.Item1.Y)) / 2;
        public override double Perimeter => Edges().Sum(e => (e.Item2 - e.Item1).Length);
        public override R Accept<R>(IVisitor<R> visitor) => visitor.Polygon(this);
    }
}
